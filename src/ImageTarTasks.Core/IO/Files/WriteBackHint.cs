using Microsoft.Win32.SafeHandles;

namespace ImageTarTasks.Core.IO.Files;

/// <summary>
/// For a file that will be synced when it is complete: lets the disk begin with what is there, so that the sync finds little left to do. The
/// file is written from its beginning to its end.
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
