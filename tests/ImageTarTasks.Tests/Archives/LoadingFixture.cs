using ImageTarTasks.Core.Archives.Loading;
using ImageTarTasks.Core.Archives.Saving;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Archives;

/// <summary>A store in a folder of its own, and archives going in and out of it.</summary>
internal sealed class LoadingFixture : IDisposable
{
    public LoadingFixture() => Store = ImageStore.Open(Folder["store"], Reporter);

    public TestFolder Folder { get; } = new();

    public RecordingReporter Reporter { get; } = new();

    public ImageStore Store { get; }

    public IReadOnlyList<LoadedImage> Load(byte[] archive, LoadOptions? options = null) =>
        Load(new ArchiveInput { DisplayName = "a.tar", Stream = new OneWayStream(archive) }, options);

    public IReadOnlyList<LoadedImage> Load(ArchiveBuilder archive, LoadOptions? options = null) =>
        Load(archive.ToTar(), options);

    public IReadOnlyList<LoadedImage> Load(ArchiveInput input, LoadOptions? options = null) =>
        Read(input, options).Images;

    public LoadResult Read(ArchiveInput input, LoadOptions? options = null) =>
        ArchiveReader.Load(Store, input, options ?? new LoadOptions(), Reporter, CancellationToken.None);

    public LoadResult Read(ArchiveBuilder archive, LoadOptions? options = null) =>
        Read(new ArchiveInput { DisplayName = "a.tar", Stream = new OneWayStream(archive.ToTar()) }, options);

    /// <summary>Loads what must be refused, and checks that the store is as it was.</summary>
    public ImageTarException Refuse(ArchiveInput input, LoadOptions? options = null)
    {
        var before = Snapshot();
        var error = Assert.ThrowsExactly<ImageTarException>(() => Load(input, options));
        CollectionAssert.AreEqual(before, Snapshot(), "the store changed");
        return error;
    }

    public ImageTarException Refuse(byte[] archive, LoadOptions? options = null) =>
        Refuse(new ArchiveInput { DisplayName = "a.tar", Stream = new OneWayStream(archive) }, options);

    public ImageTarException Refuse(ArchiveBuilder archive, LoadOptions? options = null) =>
        Refuse(archive.ToTar(), options);

    public byte[] Save(
        ArchiveFormat format = ArchiveFormat.Docker,
        Platform? platform = null,
        params string[] arguments
    ) => Save(new SaveOptions { Format = format, Platform = platform }, arguments);

    /// <summary>Saves images, or all.</summary>
    public byte[] Save(SaveOptions options, params string[] arguments)
    {
        using var output = new MemoryStream();
        ArchiveWriter.Save(Store, Select(arguments), options, output, Reporter, CancellationToken.None);
        return output.ToArray();
    }

    /// <summary>Saves images, or all, as a folder.</summary>
    public SaveResult SaveFolder(string path, SaveOptions? options = null, params string[] arguments) =>
        ArchiveWriter.SaveFolder(
            Store,
            Select(arguments),
            options ?? new SaveOptions(),
            path,
            Reporter,
            CancellationToken.None
        );

    /// <summary>What cannot be saved: the code, and nothing was written.</summary>
    public ImageTarException RefuseToSave(SaveOptions options, params string[] arguments)
    {
        using var output = new MemoryStream();
        var error = Assert.ThrowsExactly<ImageTarException>(() =>
            ArchiveWriter.Save(Store, Select(arguments), options, output, Reporter, CancellationToken.None)
        );
        Assert.AreEqual(0, output.Length, "something was written");
        return error;
    }

    private ImageSelection[] Select(string[] arguments) =>
        arguments.Length == 0
            ? [.. Store.List().Select(image => new ImageSelection(image, image.References))]
            : [.. arguments.SelectMany(Store.Select)];

    public void Dispose() => Folder.Dispose();

    /// <summary>Every file of the store with its size, but for the lock, which anyone may touch.</summary>
    private string[] Snapshot() =>
        Directory
            .EnumerateFiles(Store.Root, "*", SearchOption.AllDirectories)
            .Select(path => $"{Path.GetRelativePath(Store.Root, path)} {new FileInfo(path).Length}")
            .Where(file =>
                !file.StartsWith(Path.Combine(".imagetar", "lock"), StringComparison.Ordinal)
                && !file.StartsWith(Path.Combine(".imagetar", "holder"), StringComparison.Ordinal)
            )
            .Order(StringComparer.Ordinal)
            .ToArray();

    /// <summary>A pipe: it cannot seek, does not know its length, and gives little at a time.</summary>
    private sealed class OneWayStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, 1000));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1000)]);
    }
}
