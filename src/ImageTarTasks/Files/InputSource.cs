using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Reporting;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Files;

/// <summary>The input of a task: a file, a folder, a URL, or in the tool standard input.</summary>
internal sealed class InputSource : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly bool _ownsStream;

    private InputSource(string displayName, Stream? stream, string? folder, bool ownsStream)
    {
        DisplayName = displayName;
        Stream = stream;
        Folder = folder;
        _ownsStream = ownsStream;
    }

    /// <summary>As the user wrote it; <c>stdin</c> for standard input.</summary>
    public string DisplayName { get; }

    /// <summary>The bytes, or null for a folder.</summary>
    public Stream? Stream { get; }

    /// <summary>The absolute path of a folder, or null.</summary>
    public string? Folder { get; }

    /// <summary>The URL of the download, without its secret parts, or null.</summary>
    public string? Url { get; private init; }

    /// <summary>Standard input.</summary>
    /// <param name="streams">The streams of the tool, or null in a build.</param>
    /// <param name="property">The property that is missing in a build.</param>
    /// <exception cref="ImageTarException">
    /// ITT1004: a build has no standard input; ITT1008: it is a terminal.
    /// </exception>
    public static InputSource OpenStandardInput(StandardStreams? streams, string property) =>
        streams switch
        {
            null => throw UsageDiagnostics.MissingOption(property, "a build has no standard input"),
            { InputIsTerminal: true } => throw UsageDiagnostics.InputIsTerminal(),
            _ => new InputSource("stdin", streams.Input, null, ownsStream: false),
        };

    /// <summary>The content at a URL.</summary>
    /// <exception cref="ImageTarException">ITT1060 to ITT1067.</exception>
    public static InputSource OpenUrl(
        string url,
        DownloadOptions options,
        ITaskReporter reporter,
        CancellationToken cancellationToken
    )
    {
        var stream = Download.Open(url, options, reporter, cancellationToken);
        return new InputSource(stream.DisplayUrl, stream, null, ownsStream: true) { Url = stream.DisplayUrl };
    }

    /// <summary>A file or folder.</summary>
    /// <exception cref="ImageTarException">ITT1005: it does not exist; ITT1009: it cannot be opened.</exception>
    public static InputSource Open(ITaskItem item)
    {
        var path = TaskItems.GetFullPath(item);
        if (Directory.Exists(path))
        {
            return new InputSource(item.ItemSpec, null, path, ownsStream: true);
        }

        try
        {
            var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                BufferSize,
                FileOptions.SequentialScan
            );
            return new InputSource(item.ItemSpec, stream, null, ownsStream: true);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw UsageDiagnostics.FileNotFound(item.ItemSpec);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw IODiagnostics.InputNotReadable(item.ItemSpec, "permission denied", failure);
        }
        catch (IOException failure)
        {
            throw IODiagnostics.InputNotReadable(item.ItemSpec, UntrustedText.Show(failure.Message), failure);
        }
    }

    /// <summary>The bytes of a small file.</summary>
    /// <param name="item">The file.</param>
    /// <param name="documentName">The name of the document for messages.</param>
    /// <exception cref="ImageTarException">As <see cref="Open"/>; ITT2301: it is too large.</exception>
    public static ReadOnlyMemory<byte> ReadDocument(ITaskItem item, string documentName)
    {
        using var source = Open(item);
        var stream = source.Stream ?? throw IODiagnostics.InputNotReadable(item.ItemSpec, "it is a folder");
        var bytes = new byte[Limits.JsonBytes + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= Limits.JsonBytes
            ? bytes.AsMemory(0, length)
            : throw DocumentDiagnostics.DocumentTooLarge(documentName, new ContentLocation(item.ItemSpec));
    }

    /// <summary>Closes a file; standard input stays open.</summary>
    public void Dispose()
    {
        if (_ownsStream)
        {
            Stream?.Dispose();
        }
    }
}
