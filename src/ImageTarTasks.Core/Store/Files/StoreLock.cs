using System.Diagnostics;
using System.Globalization;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Store.Files;

/// <summary>
/// The store's lock: an exclusively opened file, which the operating system frees when its holder dies. It excludes
/// threads as well as processes. It is held for a few renames only. Where file locks have no effect (some network file
/// systems), changes of the store are refused: a lock file that merely exists would outlive its holder, and could not
/// show which sessions are alive.
/// </summary>
internal sealed class StoreLock(
    StoreLayout layout,
    StoreFiles files,
    IReporter reporter,
    CancellationToken cancellationToken
)
{
    private static readonly TimeSpan ReportAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    private bool _tested;

    /// <summary>Waits for the lock; dispose the result to free it.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3005, ITT3006.</exception>
    /// <exception cref="OperationCanceledException">Also while it waits.</exception>
    public IDisposable Acquire()
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waited = Stopwatch.StartNew();
        var isReported = false;
        for (var pause = 10; ; pause = Math.Min(pause * 2, 200))
        {
            if (TryAcquire() is { } acquired)
            {
                return acquired;
            }

            if (!isReported && waited.Elapsed > ReportAfter)
            {
                isReported = true;
                reporter.Detail(
                    $"Waiting for the store {UntrustedText.Show(layout.Root)}, "
                        + $"locked by {UntrustedText.Show(ReadHolder())}"
                );
            }

            if (waited.Elapsed > Timeout)
            {
                throw StoreDiagnostics.StoreLocked(layout.LockFile, ReadHolder(), Timeout);
            }

            cancellationToken.WaitHandle.WaitOne((pause / 2) + Random.Shared.Next(pause));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Acquires the lock; null when another process or thread has it.</summary>
    /// <exception cref="ImageTarException">ITT3004, ITT3006.</exception>
    public IDisposable? TryAcquire()
    {
        if (!Directory.Exists(layout.Private))
        {
            files.CreateFolder(layout.Private);
        }

        if (StoreFiles.Run("lock", layout.LockFile, () => TryOpen(layout.LockFile)) is not { } lockFile)
        {
            return null;
        }

        try
        {
            CheckLocksWork();
            WriteHolder();
            return lockFile;
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file exclusively; null when it is open elsewhere.</summary>
    public static FileStream? TryOpen(string path, FileMode mode = FileMode.OpenOrCreate)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            return null;
        }
    }

    /// <summary>
    /// Whether an error is EWOULDBLOCK of Linux (11) or macOS (35), or a sharing or lock violation of Windows.
    /// </summary>
    private static bool IsHeldByAnother(IOException e) =>
        e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    private void CheckLocksWork()
    {
        if (_tested)
        {
            return;
        }

        if (TryOpen(layout.LockFile) is { } second)
        {
            second.Dispose();
            throw StoreDiagnostics.LocksDoNotWork(layout.Root);
        }

        _tested = true;
    }

    /// <summary>
    /// Writes the holder file. Its length never changes, so a full disk does not stop a removal here.
    /// </summary>
    private void WriteHolder() =>
        StoreFiles.Run(
            "write",
            layout.HolderFile,
            () =>
            {
                var program = Path.GetFileName(Environment.ProcessPath);
                var holder = string.Create(
                    CultureInfo.InvariantCulture,
                    $"process {Environment.ProcessId} ({program})"
                );
                using var file = new FileStream(
                    layout.HolderFile,
                    FileMode.OpenOrCreate,
                    FileAccess.Write,
                    FileShare.ReadWrite,
                    bufferSize: 0
                );
                file.Write(Encoding.UTF8.GetBytes(holder.PadRight(100)[..100] + "\n"));
                return true;
            }
        );

    private string ReadHolder()
    {
        return StoreFiles.Run(
            "read",
            layout.HolderFile,
            () =>
            {
                if (!File.Exists(layout.HolderFile))
                {
                    return "another process";
                }

                using var file = new FileStream(layout.HolderFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                var text = new byte[200];
                var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
                return Encoding.UTF8.GetString(text, 0, length).Trim();
            }
        );
    }
}
