using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Checking;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Store;

/// <summary>A store in a folder of its own, and short ways to fill it.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly TestFolder _folder = new();

    public StoreFixture() => Store = Open();

    public string Root => _folder["store"];

    public RecordingReporter Reporter { get; } = new();

    public ImageStore Store { get; }

    public ImageStore Open() => ImageStore.Open(Root, Reporter);

    public string Blob(Digest digest) => Path.Combine(Root, "blobs", "sha256", digest.Hex);

    public IEnumerable<string> BlobNames() =>
        Directory
            .GetFiles(Path.Combine(Root, "blobs", "sha256"))
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal);

    /// <summary>Stages all blobs of an image and returns its manifest.</summary>
    public static Descriptor Stage(StoreWriter writer, ImageBuilder image)
    {
        foreach (var layer in image.LayerBlobs)
        {
            writer.Stage(layer);
        }

        writer.Stage(image.Config);
        var manifest = writer.Stage(image.Manifest);
        return new Descriptor(MediaTypes.OciManifest, manifest.Digest, manifest.Size);
    }

    public Descriptor Publish(ImageBuilder image, params string[] names)
    {
        using var writer = Store.BeginWrite();
        var target = Stage(writer, image);
        writer.Publish([new Publication(target, [.. names.Select(name => ImageReference.Parse(name))])]);
        return target;
    }

    /// <summary>An index of images for several platforms; <paramref name="absent"/> are listed but not there.</summary>
    public Descriptor PublishIndex(string name, ImageBuilder[] images, params Descriptor[] absent)
    {
        using var writer = Store.BeginWrite();
        var children = images.Select(image =>
            Stage(writer, image) with
            {
                Platform = ImageConfig.Parse(image.Config, new ContentLocation("test")).Platform,
            }
        );
        var index = writer.Stage(ImageIndex.Compose([.. children, .. absent]).Raw);
        var target = new Descriptor(MediaTypes.OciIndex, index.Digest, index.Size);
        writer.Publish([new Publication(target, [ImageReference.Parse(name)])]);
        return target;
    }

    /// <summary>
    /// Every published name has all its content, sound; index.json is well-formed; nothing is staged.
    /// </summary>
    public static void AssertConsistent(string root, RecordingReporter? reporter = null)
    {
        var store = ImageStore.Open(root, reporter ?? new RecordingReporter());
        foreach (var image in store.List())
        {
            foreach (var blob in store.Reachable(image.Target))
            {
                using var content = store.OpenBlob(blob);
                content.CopyTo(Stream.Null);
            }

            Assert.IsNotNull(image.Image, $"{image.Target.Digest} is listed but cannot be opened");
        }

        foreach (var container in store.Containers())
        {
            Assert.IsNotNull(store.OpenImage(container.Image));
        }

        var check = store.Check(new StoreCheckOptions(), CancellationToken.None);
        Assert.IsEmpty(check.Findings, string.Join('\n', check.Findings.Select(f => f.Problem.Format("error"))));
        var sessions = Path.Combine(root, ".imagetar", "sessions");
        Assert.IsEmpty(
            Directory.Exists(sessions) ? Directory.GetDirectories(sessions) : [],
            "sessions of dead processes are left"
        );
    }

    public static void Copy(string from, string to)
    {
        if (!Directory.Exists(from))
        {
            return;
        }

        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFileSystemEntries(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, path));
            if (Directory.Exists(path))
            {
                Directory.CreateDirectory(copy);
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Path.GetFileName(path) == "lock")
            {
                // The original is locked; the copy, as after a death, is not.
                File.WriteAllBytes(copy, []);
            }
            else
            {
                File.Copy(path, copy);
            }
        }
    }

    public void Dispose() => _folder.Dispose();
}
