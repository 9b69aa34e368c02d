using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Options;
using ImageTarTasks.Reporting;
using Microsoft.Build.Framework;

namespace ImageTarTasks.Files;

/// <summary>
/// The output of a task that writes an archive: a file that appears whole or not at all, or in the tool standard
/// output. Compressed on request.
/// </summary>
internal sealed class OutputTarget : IDisposable
{
    private readonly ITaskItem? _item;
    private readonly AtomicFile? _file;
    private readonly HashingWriteStream? _hashingStream;
    private readonly Stream _destination;
    private readonly AbortableStream? _abortable;

    private OutputTarget(
        ITaskItem? item,
        AtomicFile? file,
        Stream stream,
        HashingWriteStream? hashingStream,
        CompressionSetting compression
    )
    {
        _item = item;
        _file = file;
        _hashingStream = hashingStream;
        _destination = stream;
        _abortable = compression.Kind == CompressionKind.None ? null : new AbortableStream(stream);
        Stream = _abortable is null
            ? stream
            : StreamCompression.OpenEncoder(_abortable, compression.Kind, compression.Level, leaveOpen: true);
    }

    /// <summary>Write here.</summary>
    public Stream Stream { get; }

    /// <summary>Opens the file <paramref name="item"/>, or standard output when it is null.</summary>
    /// <param name="item">The file, or null.</param>
    /// <param name="streams">The streams of the tool, or null in a build.</param>
    /// <param name="compression">The compression.</param>
    /// <param name="computeDigest">Whether the tool reports digest and size, too.</param>
    /// <exception cref="ImageTarException">
    /// ITT1004: a build needs a file; ITT1006: it cannot be written; ITT1007: standard output is a terminal.
    /// </exception>
    public static OutputTarget Open(
        ITaskItem? item,
        StandardStreams? streams,
        CompressionSetting compression = default,
        bool computeDigest = false
    )
    {
        if (item is null)
        {
            return streams switch
            {
                null => throw UsageDiagnostics.MissingOption("OutputFile", "a build has no standard output"),
                { OutputIsTerminal: true } => throw UsageDiagnostics.OutputIsTerminal(),
                _ => new OutputTarget(null, null, new WriteBehindStream(streams.Output), null, compression),
            };
        }

        var file = AtomicFile.Create(TaskItems.GetFullPath(item));

        // A build returns the archive's digest. The tool computes it only when it reports it.
        var hashed = streams is null || computeDigest ? new HashingWriteStream(file.Stream) : null;
        return new OutputTarget(item, file, hashed ?? file.Stream, hashed, compression);
    }

    /// <summary>Makes the file appear.</summary>
    /// <param name="beside">
    /// A second output or null. It appears right after the file, and only when both are complete.
    /// </param>
    /// <returns>
    /// The file with the metadata Digest and Size in a build, or when asked to describe it; else null.
    /// </returns>
    /// <exception cref="ImageTarException">ITT1006.</exception>
    public ITaskItem? Commit(AtomicFile? beside = null)
    {
        if (_abortable is not null)
        {
            // Writes the end of the compressed stream.
            Stream.Dispose();
        }

        _destination.Flush();
        _file?.Complete();
        beside?.Complete();
        _file?.Commit();
        beside?.Commit();
        return _hashingStream is null
            ? null
            : TaskItems.Create(
                _item!.ItemSpec,
                ("Digest", _hashingStream.Finish().Value),
                ("Size", TaskItems.FormatNumber(_hashingStream.Count))
            );
    }

    /// <summary>Without <see cref="Commit"/>, nothing appears. Standard output stays open.</summary>
    public void Dispose()
    {
        if (_abortable is not null)
        {
            _abortable.Abort();
            Stream.Dispose();
        }

        if (_file is null)
        {
            _destination.Dispose();
        }

        _file?.Dispose();
    }
}
