using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Store.Names;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Store;

/// <summary>Creates stores and checks existing ones (image-spec image-layout.md).</summary>
internal static class StoreInitializer
{
    /// <summary>Creates the store when its folder is missing or empty. Rejects any other folder.</summary>
    /// <exception cref="ImageTarException">ITT3001, ITT3004, ITT3006.</exception>
    public static void Ensure(StoreContext store)
    {
        var layout = store.Layout;
        if (File.Exists(layout.VersionFile))
        {
            CheckVersion(layout);
            if (!File.Exists(layout.IndexFile))
            {
                throw StoreDiagnostics.NotAStore(
                    layout.Root,
                    "it has an oci-layout file, but no index.json, which imagetar fsck --repair restores"
                );
            }

            return;
        }

        if (File.Exists(layout.Root))
        {
            throw StoreDiagnostics.NotAStore(layout.Root, "it is a file");
        }

        // A process that died while it created the store may have left our folder without oci-layout, which is written
        // last.
        if (
            Directory.Exists(layout.Root)
            && !Directory.Exists(layout.Private)
            && StoreFiles.Run("list", layout.Root, () => Directory.EnumerateFileSystemEntries(layout.Root).Any())
        )
        {
            throw StoreDiagnostics.NotAStore(
                layout.Root,
                "it is neither empty nor an OCI image layout (it has no oci-layout file)"
            );
        }

        store.Files.CreateFolder(layout.Root);
        using (store.Lock.Acquire())
        {
            if (File.Exists(layout.VersionFile))
            {
                return;
            }

            store.Files.CreateFolder(layout.BlobFolder("sha256"));
            store.Files.CreateFolder(layout.Sessions);
            store.Files.CreateFolder(layout.Layers);
            store.Files.CreateFolder(layout.Containers);

            if (!File.Exists(layout.IndexFile))
            {
                store.Files.Replace(layout, layout.IndexFile, StoreIndex.Empty().Compose(layout.Root));
            }

            store.Files.Replace(layout, layout.VersionFile, OciLayout.LayoutContent.ToArray());
        }
    }

    /// <summary>
    /// Removes the sessions of dead processes. Does nothing when the store is busy or the folder cannot be written; the
    /// next process does it then.
    /// </summary>
    public static void SweepIfPossible(StoreContext store)
    {
        try
        {
            using var storeLock = store.Lock.TryAcquire();
            if (storeLock is not null)
            {
                StoreSession.Sweep(store.Layout, store.Files, store.Reporter);
            }
        }
        catch (ImageTarException e) when (StoreContext.MeansReadOnly(e))
        {
            store.Reporter.Detail($"{UntrustedText.Show(store.Layout.Root)} is not cleaned up: {e.Diagnostic.Message}");
        }
    }

    /// <summary>Checks the file oci-layout.</summary>
    /// <exception cref="ImageTarException">ITT3001, ITT23xx.</exception>
    public static void CheckVersion(StoreLayout layout)
    {
        var location = new ContentLocation(layout.Root).In(OciLayout.LayoutFile);
        var raw =
            StoreFiles.TryReadDocument(layout.VersionFile, OciLayout.LayoutFile, location)
            ?? throw StoreDiagnostics.NotAStore(layout.Root, "its oci-layout file is gone");
        var document = StrictJson.Parse(raw, OciLayout.LayoutFile, location).Object();
        var version = document.Required("imageLayoutVersion").Text();
        if (version != OciLayout.Version)
        {
            throw StoreDiagnostics.NotAStore(
                layout.Root,
                $"oci-layout has the version \"{UntrustedText.Show(version)}\", only {OciLayout.Version} is supported"
            );
        }
    }
}
