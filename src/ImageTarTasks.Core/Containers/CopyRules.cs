using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Core.Containers;

/// <summary>The source of a copy, as its path describes it.</summary>
/// <param name="Name">The last part of the path: the name it gets inside a folder.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsContents">Whether the path ends in <c>/.</c> and means the contents of the directory.</param>
internal readonly record struct CopyEndpoint(string Name, bool IsDirectory, bool IsContents);

/// <summary>
/// The rules of <c>docker cp</c> for the target of a copy. They are the same into a container and out of it.
/// </summary>
internal static class CopyRules
{
    /// <summary>Whether a path ends like a directory.</summary>
    public static bool EndsLikeDirectory(string path) =>
        path.EndsWith('/') || path == "." || path.EndsWith("/.", StringComparison.Ordinal);

    /// <summary>Whether a path means the contents of a directory.</summary>
    public static bool IsContentsPath(string path) => path == "." || path.EndsWith("/.", StringComparison.Ordinal);

    /// <summary>The last part of a path that is a name.</summary>
    public static string NameOf(string path)
    {
        var name = "";
        foreach (var part in path.Split('/'))
        {
            name = part is "" or "." ? name : part;
        }

        return name;
    }

    /// <summary>
    /// Whether the source is copied into the destination under its own name. Otherwise it becomes the destination.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="destination">The destination as the user wrote it.</param>
    /// <param name="isDirectory">Whether the destination is a directory; null when it does not exist.</param>
    /// <exception cref="ImageTarException">
    /// ITT1075: the destination is a file, or there is no such directory.
    /// </exception>
    public static bool IsCopiedInto(CopyEndpoint source, string destination, bool? isDirectory) =>
        (isDirectory, source.IsDirectory) switch
        {
            (true, _) => !source.IsContents,
            (false, true) => throw ContainerDiagnostics.InvalidCopy("cannot copy directory"),
            (false, false) when EndsLikeDirectory(destination) => throw ContainerDiagnostics.InvalidCopy(
                "not a directory"
            ),
            (null, false) when EndsLikeDirectory(destination) => throw ContainerDiagnostics.InvalidCopy(
                "no such directory"
            ),
            _ => false,
        };
}
