using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Pipelines;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// A file that appears under its name whole or not at all. It is written beside its target, flushed to the disk and
/// renamed by <see cref="Commit"/>. When it is disposed without that, nothing remains. The next run removes the
/// leftovers of killed runs.
/// </summary>
/// <remarks>
/// The file gets the mode of any new file of the process (0666 without the umask), as build outputs do; Docker's have
/// 0600. A symbolic link as target is followed. A device, a pipe or a folder is refused. While it is written, the
/// temporary file <c>.NAME.GUID.tmp</c> is locked, which distinguishes it from a leftover.
/// </remarks>
public sealed class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string _target;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly WriteBehindStream _stream;
    private bool _completed;
    private bool _committed;

    private AtomicFile(string path, string target, string temporary, FileStream file)
    {
        _path = path;
        _target = target;
        _temporary = temporary;
        _file = file;
        _stream = new WriteBehindStream(new ReportingStream(file, path));
    }

    /// <summary>
    /// The stream to write to. A thread of its own writes the file; it is not seekable. A failure of the disk is
    /// ITT1006 and may be thrown by a later write.
    /// </summary>
    public Stream Stream => _stream;

    /// <summary>Starts a file for the absolute path <paramref name="path"/>.</summary>
    /// <exception cref="ImageTarException">
    /// ITT1006: the folder is missing, <paramref name="path"/> is a folder or device, no permission.
    /// </exception>
    public static AtomicFile Create(string path)
    {
        try
        {
            var target = Target(path);
            var (temporary, file) = TemporaryFiles.Create(target);
            TemporaryFiles.RemoveLeftovers(target, temporary);
            return new AtomicFile(path, target, temporary, file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, failure);
        }
    }

    /// <summary>
    /// Flushes and syncs the content, so that only the rename can still fail. Of several outputs each one is completed
    /// before the first is committed. <see cref="Commit"/> does it, too.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1006.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(!_file.CanWrite, this);
        if (_completed)
        {
            return;
        }

        try
        {
            _stream.Flush();
            DurableFileSystem.Sync(_file.SafeFileHandle, _temporary);
            _completed = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(_path, failure);
        }
    }

    /// <summary>Flushes, syncs and renames; replaces an older file. Once.</summary>
    /// <exception cref="ImageTarException">
    /// ITT1006: the older file is still there; ITT1012: the new file is there, but its name may not last.
    /// </exception>
    public void Commit()
    {
        Complete();
        try
        {
            DurableFileSystem.Rename(_temporary, _target);
            _committed = true;
            _file.Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(_path, failure);
        }

        try
        {
            DurableFileSystem.SyncDirectory(Path.GetDirectoryName(_target)!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.NameNotDurable(_path, UntrustedText.Show(failure.Message), failure);
        }
    }

    /// <summary>Removes the file when it was not committed.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (!_committed && _file.CanWrite)
        {
            TemporaryFiles.Discard(_temporary, _file);
        }
    }

    private static string Target(string path)
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        if (Directory.Exists(target) || Path.EndsInDirectorySeparator(target))
        {
            throw IODiagnostics.OutputNotWritable(path, "it is a folder");
        }

        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw IODiagnostics.OutputNotWritable(path, "its folder does not exist");
        }

        return DurableFileSystem.IsSpecialFile(target)
            ? throw IODiagnostics.OutputNotWritable(path, "it is a device or a pipe, not a file")
            : target;
    }

    private static ImageTarException NotWritable(string path, Exception failure) =>
        IODiagnostics.OutputNotWritable(path, UntrustedText.Show(failure.Message), failure);

    /// <summary>Turns the IOException of the file into ITT1006.</summary>
    private sealed class ReportingStream(FileStream file, string path) : Stream
    {
        private readonly WriteBackHint _writeBack = new(file.SafeFileHandle);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => file.CanWrite;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            ValidateBufferArguments(buffer, offset, count);
            Write(buffer.AsSpan(offset, count));
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                file.Write(buffer);
                _writeBack.Wrote(buffer.Length);
            }
            catch (IOException failure)
            {
                throw NotWritable(path, failure);
            }
        }

        public override void WriteByte(byte value) => Write([value]);

        public override void Flush()
        {
            try
            {
                file.Flush();
            }
            catch (IOException failure)
            {
                throw NotWritable(path, failure);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
