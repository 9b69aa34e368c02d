using System.Globalization;

namespace ImageTarTasks.Values;

public static partial class Diagnostics
{
    /// <summary>ITT1071: a pattern for paths that cannot be read.</summary>
    public static ImageTarException InvalidPattern(string option, string text, string why) =>
        Error("ITT1071", $"{option}: {Quote(text)} is not a pattern for paths: {why}");

    /// <summary>ITT1072: a Content item that is no file, or that would be the root itself.</summary>
    public static ImageTarException ContentNotAFile(string path, string targetPath) =>
        Error("ITT1072", $"{UntrustedText.Show(path)} cannot be laid down as {Quote(targetPath)}: Content takes files, each with a path from the root; list what is in a folder as folder/**", new ContentLocation(path));

    /// <summary>ITT1073: an owner is not <c>UID[:GID]</c>.</summary>
    public static ImageTarException InvalidOwner(string option, string text) =>
        Error("ITT1073", $"{option}: {Quote(text)} is not UID[:GID], two numbers such as 0:0 or 1000:1000");

    /// <summary>ITT1074: permission bits that are no octal number.</summary>
    public static ImageTarException InvalidMode(string option, string text) =>
        Error("ITT1074", $"{option}: {Quote(text)} is not an octal number of permission bits, such as 0644 or 4755");

    /// <summary>ITT2431: a file that a cpio cannot hold.</summary>
    public static ImageTarException TooLargeForCpio(ByteString name, long size) =>
        Error("ITT2431", string.Create(CultureInfo.InvariantCulture, $"\"{name}\" has {size} bytes; a file in a cpio ends at {uint.MaxValue}, so leave it out (--exclude) or write a tar"));

    /// <summary>ITT2432: the layers of an image for Windows, which are not the files of its root.</summary>
    public static ImageTarException WindowsLayers(string image, Platform platform) =>
        Error("ITT2432", $"{UntrustedText.Show(image)} is an image for {UntrustedText.Show(platform.ToString())}: its layers hold the folders Files and Hives and registry changes, which only Windows can merge");

    /// <summary>ITT9431: extended attributes that a format cannot hold.</summary>
    public static Diagnostic XattrsLost(long files) =>
        Warning("ITT9431", string.Create(CultureInfo.InvariantCulture, $"the extended attributes of {files} {(files == 1 ? "file" : "files")} are lost: a cpio cannot hold them; say --xattrs none, or write a tar"));
}
