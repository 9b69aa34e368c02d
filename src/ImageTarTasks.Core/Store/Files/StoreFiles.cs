using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Files;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Files;

/// <summary>
/// Makes every change of a file in the store. Failures of the operating system become ITT3006 with path and error
/// number. A test can inspect the folder before each change, which shows the state that the next process would find if
/// this one died there.
/// </summary>
internal sealed class StoreFiles
{
    /// <summary>Called before every change with its description; set by tests only.</summary>
    public Action<string>? BeforeChange { get; set; }

    /// <summary>Runs <paramref name="operation"/>; failures of the operating system become ITT3006.</summary>
    public static T Run<T>(string action, string path, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreDiagnostics.StoreIo(action, path, e);
        }
    }

    /// <summary>
    /// Reads a whole JSON document, which another process may replace or delete at the same time; null when it is
    /// missing.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="document">What it is, for messages.</param>
    /// <param name="location">Its location, for messages.</param>
    /// <exception cref="ImageTarException">ITT2301: too large; ITT2304: empty; ITT3006.</exception>
    public static ReadOnlyMemory<byte>? TryReadDocument(string path, string document, ContentLocation location) =>
        Run<ReadOnlyMemory<byte>?>(
            "read",
            path,
            () =>
            {
                // A file of length 0 is not opened: no document is empty, and opening a pipe in its place would block.
                var file = new FileInfo(path);
                if (!file.Exists)
                {
                    return null;
                }

                if (file.Length is 0)
                {
                    throw DocumentDiagnostics.MalformedJson(document, "it is empty", location);
                }

                try
                {
                    // It may have been replaced since, so the length is that of the open file.
                    using var stream = OpenShared(path);
                    if (stream.Length > Limits.JsonBytes)
                    {
                        throw DocumentDiagnostics.DocumentTooLarge(document, location);
                    }

                    var content = new byte[stream.Length];
                    return content.AsMemory(0, stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    return null;
                }
            }
        );

    /// <summary>
    /// Opens a file for reading so that others may write, replace and delete it, which Windows refuses by default.
    /// </summary>
    public static FileStream OpenShared(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>The files of a folder, at one moment; none when the folder is missing.</summary>
    /// <exception cref="ImageTarException">ITT3006.</exception>
    public static IReadOnlyList<FileInfo> List(string folder, string pattern = "*") =>
        Run<IReadOnlyList<FileInfo>>(
            "list",
            folder,
            () =>
            {
                try
                {
                    return new DirectoryInfo(folder).GetFiles(pattern);
                }
                catch (DirectoryNotFoundException)
                {
                    return [];
                }
            }
        );

    /// <summary>The bytes of a listed file; 0 when another process has deleted it since.</summary>
    public static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    public void CreateFolder(string path) => Change("create", path, () => Directory.CreateDirectory(path));

    /// <summary>Creates a new file and opens it for writing.</summary>
    public FileStream Create(string path, FileShare share = FileShare.Read) =>
        Change(
            "create",
            path,
            () => new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, share, bufferSize: 0)
        );

    /// <summary>
    /// Replaces a small file atomically: the old or the new content is there, whenever the process or the machine dies.
    /// Only under the store's lock.
    /// </summary>
    /// <param name="layout">The paths of the store.</param>
    /// <param name="path">The file.</param>
    /// <param name="content">Its new content.</param>
    /// <exception cref="ImageTarException">
    /// ITT3006: the old content is there; ITT3008: the new one is, but a power failure may undo that.
    /// </exception>
    public void Replace(StoreLayout layout, string path, ReadOnlyMemory<byte> content)
    {
        Change(
            "write",
            path,
            () =>
            {
                var file = new FileStream(
                    layout.NewFile,
                    FileMode.Create,
                    FileAccess.Write,
                    FileShare.None,
                    bufferSize: 0
                );
                try
                {
                    file.Write(content.Span);
                    DurableFileSystem.Sync(file.SafeFileHandle, layout.NewFile);
                    file.Dispose();
                }
                catch
                {
                    TemporaryFiles.Discard(layout.NewFile, file);
                    throw;
                }

                return true;
            }
        );
        Move(layout.NewFile, path);
        SyncNames(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the changes of names in a folder durable, which are visible by now.</summary>
    /// <exception cref="ImageTarException">ITT3008.</exception>
    public static void SyncNames(string folder)
    {
        try
        {
            SyncFolder(folder);
        }
        catch (ImageTarException failure)
        {
            throw StoreDiagnostics.NameNotDurable(folder, failure);
        }
    }

    /// <summary>Renames a file and replaces the file that has the new name.</summary>
    public void Move(string from, string to) =>
        Change(
            "write",
            to,
            () =>
            {
                DurableFileSystem.Rename(from, to);
                return true;
            }
        );

    /// <summary>Gives a file a second name (a hard link).</summary>
    public void Link(string from, string to) =>
        Change(
            "write",
            to,
            () =>
            {
                DurableFileSystem.Link(from, to);
                return true;
            }
        );

    /// <summary>Copies a file. The copy has a new name.</summary>
    public void Copy(string from, string to) =>
        Change(
            "write",
            to,
            () =>
            {
                File.Copy(from, to);
                return true;
            }
        );

    public void Delete(string path) =>
        Change(
            "delete",
            path,
            () =>
            {
                File.Delete(path);
                return true;
            }
        );

    public void DeleteFolder(string path) =>
        Change(
            "delete",
            path,
            () =>
            {
                try
                {
                    Directory.Delete(path, recursive: true);
                }
                catch (DirectoryNotFoundException)
                {
                    // Another process removed it at the same moment.
                }

                return true;
            }
        );

    public void Append(string path, IEnumerable<string> lines) =>
        Change(
            "write",
            path,
            () =>
            {
                File.AppendAllLines(path, lines);
                return true;
            }
        );

    /// <summary>Flushes a file's content to the disk (fsync).</summary>
    public static void Sync(string path) =>
        Run(
            "sync",
            path,
            () =>
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
                DurableFileSystem.Sync(file, path);
                return true;
            }
        );

    /// <summary>Flushes a folder's entries to the disk (fsync), which makes renames in it durable.</summary>
    public static void SyncFolder(string path) =>
        Run(
            "sync",
            path,
            () =>
            {
                DurableFileSystem.SyncDirectory(path);
                return true;
            }
        );

    private T Change<T>(string action, string path, Func<T> operation)
    {
        BeforeChange?.Invoke($"{action} {path}");
        return Run(action, path, operation);
    }
}
