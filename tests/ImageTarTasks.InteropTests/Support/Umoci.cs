namespace ImageTarTasks.InteropTests.Support;

/// <summary>umoci works on OCI layout folders; these get it there.</summary>
internal static class Umoci
{
    /// <summary>
    /// Unpacks the first image of an oci-archive below <paramref name="folder"/>, whiteouts applied; returns its root
    /// filesystem.
    /// </summary>
    public static string Unpack(string archive, string folder)
    {
        var layout = Path.Combine(folder, "layout");
        Directory.CreateDirectory(layout);
        Programs.Run("tar", "-xf", archive, "-C", layout);
        return UnpackLayout(layout, Path.Combine(folder, "bundle"));
    }

    /// <summary>Unpacks the first image of an OCI layout folder; returns its root filesystem.</summary>
    public static string UnpackLayout(string layout, string bundle)
    {
        var tag = Programs.Run("umoci", "ls", "--layout", layout).Lines[0];
        Programs.Run("umoci", "unpack", "--image", $"{layout}:{tag}", bundle);
        return Path.Combine(bundle, "rootfs");
    }
}
