using System.Globalization;

namespace ImageTarTasks.Values;

public static partial class Diagnostics
{
    /// <summary>ITT1071: a pattern for paths that cannot be read.</summary>
    public static ImageTarException InvalidPattern(string option, string text, string why) =>
        Error("ITT1071", $"{option}: {Quote(text)} is not a pattern for paths: {why}");

    /// <summary>ITT1073: an owner is not <c>UID[:GID]</c>.</summary>
    public static ImageTarException InvalidOwner(string option, string text) =>
        Error("ITT1073", $"{option}: {Quote(text)} is not UID[:GID], two numbers such as 0:0 or 1000:1000");

    /// <summary>ITT2431: a file that a cpio cannot hold.</summary>
    public static ImageTarException TooLargeForCpio(ByteString name, long size) =>
        Error("ITT2431", string.Create(CultureInfo.InvariantCulture, $"\"{name}\" has {size} bytes; a file in a cpio ends at {uint.MaxValue}, so leave it out (--exclude) or write a tar"));

    /// <summary>ITT2432: the layers of an image for Windows, which are not the files of its root.</summary>
    public static ImageTarException WindowsLayers(string image, Platform platform) =>
        Error("ITT2432", $"{UntrustedText.Show(image)} is an image for {UntrustedText.Show(platform.ToString())}: its layers hold the folders Files and Hives and registry changes, which only Windows can merge");

    /// <summary>ITT9431: extended attributes that a format cannot hold.</summary>
    public static Diagnostic XattrsLost(long files) =>
        Warning("ITT9431", string.Create(CultureInfo.InvariantCulture, $"the extended attributes of {files} {(files == 1 ? "file" : "files")} are lost: a cpio cannot hold them; say --xattrs none, or write a tar"));

    /// <summary>ITT3033: a container is given the name it has. Docker's words.</summary>
    public static ImageTarException ContainerRenamedToItself() => Error("ITT3033", "Renaming a container with the same name as its current name");

    /// <summary>ITT3034: a container has as many layers as an image may have.</summary>
    public static ImageTarException TooManyContainerLayers(string container) =>
        Error("ITT3034", string.Create(CultureInfo.InvariantCulture, $"container {Quote(container)} has {Limits.Layers} layers with those of its image, one for each cp; copy more in one go, or begin with a container of a flattened image"));

    /// <summary>ITT3035: a path of a container that does not exist. Docker's words.</summary>
    public static ImageTarException NoSuchContainerPath(string container, string path) =>
        Error("ITT3035", $"No such container:path: {UntrustedText.Show(container)}:{UntrustedText.Show(path)}");

    /// <summary>ITT1075: the arguments of cp are no copy. Docker's words where it has some.</summary>
    public static ImageTarException InvalidCopy(string why) => Error("ITT1075", why);

    /// <summary>ITT1076: cp would replace a folder by a file or a file by a folder.</summary>
    public static ImageTarException CopyOverOtherKind(string path, bool directory) =>
        Error("ITT1076", directory
            ? $"cannot overwrite non-directory {Quote(path)} with a directory"
            : $"cannot overwrite directory {Quote(path)} with a non-directory");

    /// <summary>ITT1077: a folder of the destination of cp is a symbolic link, which could lead anywhere.</summary>
    public static ImageTarException CopyThroughLink(string path) =>
        Error("ITT1077", $"{UntrustedText.Show(path)} is a symbolic link; nothing is written through links: name the folder it leads to, or a link that is meant with a slash behind it", new ContentLocation(path));

    /// <summary>ITT2433: a name of a container that cannot be a file's name on this system.</summary>
    public static ImageTarException NameNotForDisk(ByteString name, string why) =>
        Error("ITT2433", $"\"{name}\" cannot be written to a folder here: {why}; copy it as a tar: cp CONTAINER:PATH -");

    /// <summary>ITT2434: a user of the image's configuration is not in its own list of users.</summary>
    public static ImageTarException UnknownUser(string user, string file) =>
        Error("ITT2434", $"unable to find {Quote(user)} in {UntrustedText.Show(file)} of the container");

    /// <summary>ITT9432: devices, pipes and the like were not copied to a folder.</summary>
    public static Diagnostic SpecialFilesSkipped(long count, ByteString first) =>
        Warning("ITT9432", string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "device or pipe was" : "devices and pipes were")} not copied (\"{first}\"); copy them as a tar: cp CONTAINER:PATH -"));
}
