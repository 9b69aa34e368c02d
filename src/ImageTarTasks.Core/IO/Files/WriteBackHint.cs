using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// For a file that will be synced when it is complete: starts the write-back of finished parts early, so that the sync
/// has little left to do. The file must be written from its beginning to its end.
/// </summary>
internal sealed class WriteBackHint(SafeFileHandle file)
{
    private const int Step = 8 * 1024 * 1024;

    private long _begun;
    private long _written;

    /// <summary>Notes that <paramref name="count"/> more bytes were written.</summary>
    public void Wrote(int count)
    {
        _written += count;
        if (_written - _begun >= Step)
        {
            DurableFileSystem.BeginWriteBack(file, _begun, _written - _begun);
            _begun = _written;
        }
    }
}
