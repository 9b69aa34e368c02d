using ImageTarTasks.Store;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>What to import: a tar in any compression, or a folder.</summary>
public sealed record RootFsInput
{
    /// <summary>The path as messages show it; <c>stdin</c> for a pipe.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The stream, or null when <see cref="Folder"/> is set.</summary>
    public Stream? Stream { get; init; }

    /// <summary>The absolute path of a folder, or null.</summary>
    public string? Folder { get; init; }
}

/// <summary>How to import.</summary>
public sealed record ImportOptions
{
    /// <summary>Dockerfile instructions (<c>CMD</c>, <c>ENV</c>...), one or several lines each; applied in order.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The comment of the image and of its history entry; Docker's <c>Imported from -</c> when null.</summary>
    public string? Message { get; init; }

    /// <summary>What the image runs on; the host's when null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The name, or null for an untagged image.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>When the image says it was made, and the latest time a folder's entries get.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Bound on the plain bytes, or null.</summary>
    public long? MaxUnpacked { get; init; }
}

/// <summary>Makes one-layer images of root filesystems.</summary>
public static class RootFsImporter
{
    /// <summary>
    /// Imports. A tar is taken as the layer: its plain bytes unchanged (DiffID as docker import gives it), whatever compressed it undone... or kept.
    /// A folder is packed deterministically: ordinal order, owner 0:0.
    /// </summary>
    /// <exception cref="ImageTarException">ITT20xx, ITT21xx, ITT24xx content; ITT12xx a change.</exception>
    public static StoredImage Import(ImageStore store, RootFsInput input, ImportOptions options, IReporter reporter, CancellationToken cancellation) => throw new NotImplementedException();
}
