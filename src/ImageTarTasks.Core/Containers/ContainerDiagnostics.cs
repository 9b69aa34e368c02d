using System.Globalization;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;
using static ImageTarTasks.Core.Diagnostics.DiagnosticFactory;

namespace ImageTarTasks.Core.Containers;

/// <summary>Errors and warnings of cp, diff and commit.</summary>
public static class ContainerDiagnostics
{
    /// <summary>ITT2432: the layers of an image for Windows, which are not the files of its root.</summary>
    public static ImageTarException WindowsLayers(string image, Platform platform) =>
        Error(
            "ITT2432",
            $"{UntrustedText.Show(image)} is an image for {UntrustedText.Show(platform.ToString())}: "
                + $"its layers hold the folders Files and Hives and registry changes, which only Windows "
                + $"can merge"
        );

    /// <summary>ITT3035: a path of a container that does not exist. Docker's words.</summary>
    public static ImageTarException NoSuchContainerPath(string container, string path) =>
        Error("ITT3035", $"No such container:path: {UntrustedText.Show(container)}:{UntrustedText.Show(path)}");

    /// <summary>
    /// ITT1075: the arguments of cp do not describe a copy. Docker's words where Docker has this error.
    /// </summary>
    public static ImageTarException InvalidCopy(string reason) => Error("ITT1075", reason);

    /// <summary>ITT2434: the user of the image's configuration is not in the image's list of users.</summary>
    public static ImageTarException UnknownUser(string user, string file) =>
        Error("ITT2434", $"unable to find {Quote(user)} in {UntrustedText.Show(file)} of the container");

    /// <summary>ITT9432: devices, pipes and the like were not copied to a folder.</summary>
    public static Diagnostic SpecialFilesSkipped(long count, ByteString first) =>
        Warning(
            "ITT9432",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count} {(count == 1 ? "device or pipe was" : "devices and pipes were")} not copied "
                    + $"(\"{first}\"); copy them as a tar: cp CONTAINER:PATH -"
            )
        );
}
