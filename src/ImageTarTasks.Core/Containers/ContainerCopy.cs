using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.IO.Compression;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Containers;

/// <summary>A file or folder to copy into a container.</summary>
/// <param name="Written">The path as the user wrote it. Its end decides between a folder and its contents.</param>
/// <param name="FullPath">The absolute path.</param>
public sealed record CopySource(string Written, string FullPath);

/// <summary>
/// Copies files into containers and out of them by the rules of <c>docker cp</c>. Each copy into a container adds one
/// layer to it.
/// </summary>
public static class ContainerCopy
{
    /// <summary>
    /// Copies files and folders of the disk into a container. The layer keeps their modes, times and owners.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="container">The container.</param>
    /// <param name="sources">What to copy. With several sources the destination must be a folder.</param>
    /// <param name="destination">The path in the container.</param>
    /// <param name="ownedByUser">
    /// Whether everything gets the user of the image's configuration as its owner (<c>-a</c>), as Docker does.
    /// </param>
    /// <param name="followLinks">Whether to copy the target of a source that is a symbolic link (<c>-L</c>).</param>
    /// <param name="reporter">Receives progress and warnings.</param>
    /// <param name="cancellationToken">Stops the copy; then nothing is copied.</param>
    /// <exception cref="ImageTarException">ITT1075, ITT1076, ITT3035, ITT2412, ITT24xx, ITT30xx.</exception>
    public static void Into(
        ImageStore store,
        Container container,
        IReadOnlyList<CopySource> sources,
        string destination,
        bool ownedByUser,
        bool followLinks,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var pin = store.Pin(container);
        var tree = new ContainerTree(store, container, reporter, cancellationToken);
        var owner = ownedByUser ? UserOf(tree, cancellationToken) : null;
        var plans = sources.Select(source => Plan(tree, source, destination, sources.Count > 1, followLinks)).ToArray();
        Commit(
            store,
            tree,
            tar =>
            {
                var host = new HostTreePacker(tar, reporter);
                foreach (var (path, name, contents) in plans)
                {
                    host.Write(path, name, contents, owner, entry => CheckOverwrite(tree, entry), cancellationToken);
                }
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Unpacks a tar in any compression into a folder of a container, as <c>docker cp - CONTAINER:PATH</c> does.
    /// </summary>
    /// <exception cref="ImageTarException">As above; ITT20xx, ITT21xx: the tar is damaged.</exception>
    public static void Into(
        ImageStore store,
        Container container,
        Stream tar,
        string destination,
        bool ownedByUser,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var pin = store.Pin(container);
        var tree = new ContainerTree(store, container, reporter, cancellationToken);
        var owner = ownedByUser ? UserOf(tree, cancellationToken) : null;
        var (_, _, folder) = tree.Find(destination, follow: true);
        if (folder < 0)
        {
            throw ContainerDiagnostics.NoSuchContainerPath(container.Name, destination);
        }

        if (tree.Tree.InodeOf(folder).Kind != TarEntryKind.Directory)
        {
            throw ContainerDiagnostics.InvalidCopy(
                $"destination \"{UntrustedText.Show(container.Name)}:{UntrustedText.Show(destination)}\" "
                    + $"must be a directory"
            );
        }

        var prefix = tree.Tree.PathOf(folder).Units;
        var location = new ContentLocation("stdin");
        Commit(store, tree, Repack, cancellationToken);

        void Repack(OverlayLayerWriter output)
        {
            using var plain = StreamCompression.OpenDecoder(tar, location, leaveOpen: true);
            var reader = new TarReader(plain, location);
            while (reader.Next(cancellationToken) is { } entry)
            {
                var entryLocation = location.In(entry.Name);
                var name = EntryPath.Of(entry.Name, allowDotDot: false, entryLocation);
                if (Whiteout.IsIn(name))
                {
                    throw LayerDiagnostics.WhiteoutNameInRootFs(entryLocation);
                }

                // The folder itself stays as it is, as it does for Docker.
                if (name.Length > 0)
                {
                    var placed = entry with
                    {
                        Name = Below(prefix, name),
                        LinkName =
                            entry.Kind == TarEntryKind.HardLink
                                ? Below(prefix, EntryPath.Of(entry.LinkName, allowDotDot: false, entryLocation))
                                : entry.LinkName,
                        Uid = owner?.Uid ?? entry.Uid,
                        Gid = owner?.Gid ?? entry.Gid,
                        Sparse = null,
                        StoredSize = entry.Size,
                    };
                    CheckOverwrite(tree, placed);
                    output.Add(placed, placed.Kind == TarEntryKind.File ? reader.Content : null, cancellationToken);
                }
            }

            if (!reader.HasEndMarker && plain.Kind == CompressionKind.None)
            {
                throw TarDiagnostics.EndOfArchiveMissing(location);
            }
        }
    }

    /// <summary>Copies a file or folder of a container into a folder of the disk.</summary>
    /// <param name="store">The store.</param>
    /// <param name="container">The container.</param>
    /// <param name="path">The path in the container.</param>
    /// <param name="destination">The path on the disk, as the user wrote it and absolute.</param>
    /// <param name="into">Whether the destination must be a folder, because several sources are copied there.</param>
    /// <param name="keepOwners">
    /// Whether to keep owners and the bits that depend on them, setuid and setgid (<c>-a</c>).
    /// </param>
    /// <param name="followLinks">Whether to follow a link at the end of the path (<c>-L</c>).</param>
    /// <param name="reporter">Receives progress and warnings.</param>
    /// <param name="cancellationToken">Stops the copy.</param>
    /// <exception cref="ImageTarException">ITT1075, ITT1076, ITT1077, ITT3035, ITT2433, ITT1006.</exception>
    public static void ToDisk(
        ImageStore store,
        Container container,
        string path,
        CopySource destination,
        bool into,
        bool keepOwners,
        bool followLinks,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var pin = store.Pin(container);
        var tree = new ContainerTree(store, container, reporter, cancellationToken);
        var (node, source) = Source(tree, path, followLinks);
        bool? isFolder =
            Directory.Exists(destination.FullPath) ? true
            : File.Exists(destination.FullPath) ? false
            : null;
        if (into && isFolder is not true)
        {
            throw ContainerDiagnostics.InvalidCopy(
                $"{UntrustedText.Show(destination.Written)} is not a directory, and several files are to go there"
            );
        }

        var target = Path.TrimEndingDirectorySeparator(destination.FullPath);
        if (new DirectoryInfo(target) is { LinkTarget: not null } link && isFolder is true)
        {
            // Another user may have put the link there. A slash after the name confirms that the link should be
            // followed.
            target = CopyRules.EndsLikeDirectory(destination.Written)
                ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName
                : throw FlatteningDiagnostics.CopyThroughLink(target);
        }

        if (CopyRules.IsCopiedInto(source, destination.Written.Replace('\\', '/'), isFolder))
        {
            var separator = Path.EndsInDirectorySeparator(target) ? "" : "/";
            target =
                source.Name.Length == 0
                    ? target
                    : $"{target}{separator}{DiskOutput.Name(ByteString.FromText(source.Name))}";
        }
        else if (isFolder is null && !Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw ContainerDiagnostics.InvalidCopy(
                $"invalid output path: directory {UntrustedText.Show(Path.GetDirectoryName(target))} does not exist"
            );
        }

        var output = new DiskOutput(target, keepOwners);
        tree.Write(node, ByteString.FromText("."), output, cancellationToken);
        if (output.Skipped is { Count: > 0 } skipped)
        {
            reporter.Warn(ContainerDiagnostics.SpecialFilesSkipped(skipped.Count, skipped[0]));
        }
    }

    /// <summary>Writes a file or folder of a container as a tar, as <c>docker cp CONTAINER:PATH -</c> does.</summary>
    /// <exception cref="ImageTarException">ITT3035.</exception>
    public static void ToTar(
        ImageStore store,
        Container container,
        string path,
        bool followLinks,
        Stream output,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        using var pin = store.Pin(container);
        var tree = new ContainerTree(store, container, reporter, cancellationToken);
        var (node, source) = Source(tree, path, followLinks);
        var name =
            source.IsContents || source.Name.Length == 0 ? ByteString.FromText(".")
            : followLinks && !CopyRules.EndsLikeDirectory(path) ? tree.Tree.NameIn(node)
            : ByteString.FromText(source.Name);
        tree.Write(node, name, new TarOutput(new TarWriter(output)), cancellationToken);
    }

    private static (int Node, CopyEndpoint Thing) Source(ContainerTree tree, string path, bool followLinks)
    {
        var (_, _, node) = tree.Find(path, followLinks);
        if (node < 0)
        {
            throw ContainerDiagnostics.NoSuchContainerPath(tree.Container.Name, path);
        }

        var isDirectory = tree.Tree.InodeOf(node).Kind == TarEntryKind.Directory;
        if (!isDirectory && CopyRules.EndsLikeDirectory(path))
        {
            throw ContainerDiagnostics.InvalidCopy(
                $"{UntrustedText.Show(tree.Container.Name)}:{UntrustedText.Show(path)}: not a directory"
            );
        }

        var name = CopyRules.NameOf(path) is ".." ? tree.Tree.NameIn(node).ToText() : CopyRules.NameOf(path);
        return (node, new CopyEndpoint(name, isDirectory, CopyRules.IsContentsPath(path)));
    }

    private static (string Path, ByteString Name, bool ContentsOnly) Plan(
        ContainerTree tree,
        CopySource source,
        string destination,
        bool mustBeFolder,
        bool followLinks
    )
    {
        var written = OperatingSystem.IsWindows() ? source.Written.Replace('\\', '/') : source.Written;
        var path = Path.TrimEndingDirectorySeparator(source.FullPath);
        var file = FolderFile.Of(path);
        if (file.Kind == TarEntryKind.SymbolicLink && (followLinks || CopyRules.EndsLikeDirectory(written)))
        {
            path = (
                File.ResolveLinkTarget(path, returnFinalTarget: true) ?? throw PackingDiagnostics.FileChanged(path)
            ).FullName;
            file = FolderFile.Of(path);
        }

        var isDirectory = file.Kind == TarEntryKind.Directory;
        if (!isDirectory && CopyRules.EndsLikeDirectory(written))
        {
            throw ContainerDiagnostics.InvalidCopy($"{UntrustedText.Show(source.Written)}: not a directory");
        }

        var name = CopyRules.NameOf(written) is { Length: > 0 } last and not ".." ? last : Path.GetFileName(path);
        var endpoint = new CopyEndpoint(name, isDirectory, CopyRules.IsContentsPath(written));
        var (parent, leaf, node) = tree.Find(destination, follow: true);
        bool? isFolder = node < 0 ? null : tree.Tree.InodeOf(node).Kind == TarEntryKind.Directory;
        if (mustBeFolder && isFolder is not true)
        {
            throw ContainerDiagnostics.InvalidCopy(
                $"{UntrustedText.Show(tree.Container.Name)}:{UntrustedText.Show(destination)} is not a "
                    + $"directory, and several files are to go there"
            );
        }

        if (CopyRules.IsCopiedInto(endpoint, destination, isFolder))
        {
            return (path, Below(tree.Tree.PathOf(node).Units, ByteString.FromText(name).Units), false);
        }

        if (parent < 0)
        {
            var slash = destination.TrimEnd('/').LastIndexOf('/');
            throw ContainerDiagnostics.NoSuchContainerPath(tree.Container.Name, slash < 0 ? "/" : destination[..slash]);
        }

        // An existing folder keeps its attributes when only contents go there.
        return isFolder is true
            ? (path, tree.Tree.PathOf(node), true)
            : (path, Below(tree.Tree.PathOf(parent).Units, leaf), false);
    }

    private static ByteString Below(string folder, string name) =>
        ByteString.FromUnits(folder.Length == 0 ? name : $"{folder}/{name}");

    /// <summary>Checks the rule of Docker's <c>NoOverwriteDirNonDir</c>, and what a layer cannot express.</summary>
    private static void CheckOverwrite(ContainerTree tree, TarEntry entry)
    {
        var location = new ContentLocation("container " + tree.Container.Name).In(entry.Name);
        if (Whiteout.IsIn(EntryPath.Of(entry.Name, allowDotDot: false, location)))
        {
            throw LayerDiagnostics.WhiteoutNameInRootFs(location);
        }

        EntryPath.Split(entry.Name.Units.TrimEnd('/'), out var folder, out var leaf);
        var parent = tree.FindFolder(folder);
        if (parent >= 0 && tree.Tree.Find(parent, leaf) is >= 0 and var node)
        {
            var isDirectory = entry.Kind == TarEntryKind.Directory;
            if (isDirectory != (tree.Tree.InodeOf(node).Kind == TarEntryKind.Directory))
            {
                throw FlatteningDiagnostics.CopyOverOtherKind("/" + entry.Name.ToText(), isDirectory);
            }
        }
    }

    private static void Commit(
        ImageStore store,
        ContainerTree tree,
        Action<OverlayLayerWriter> write,
        CancellationToken cancellationToken
    )
    {
        var location = new ContentLocation("cp");
        using var writer = store.BeginWrite();
        var blob = StagedTarWriter.Stage(
            writer,
            tar => write(new OverlayLayerWriter(tree.Tree, tar)),
            location,
            null,
            cancellationToken
        );
        tree.Add(Entries, location, cancellationToken);
        writer.AddLayer(tree.Container, blob, tree.Image.Layers.Count);

        IEnumerable<TarEntry> Entries()
        {
            using var index = writer.OpenLayerIndex(blob);
            foreach (var entry in index.ReadEntries())
            {
                yield return entry;
            }
        }
    }

    /// <summary>
    /// The user of the image's configuration as numbers; names are looked up in the container's own files.
    /// </summary>
    private static Owner? UserOf(ContainerTree tree, CancellationToken cancellationToken)
    {
        const string Users = "/etc/passwd";
        const string Groups = "/etc/group";
        var parts = tree.Image.Config.Settings.User.Split(':', 2);
        if (parts[0].Length == 0)
        {
            return new Owner(0, 0);
        }

        uint gid = 0;
        if (!uint.TryParse(parts[0], out var uid))
        {
            var user = Lookup(Users, parts[0]);
            (uid, gid) = (Number(Users, user, 2), Number(Users, user, 3));
        }
        else if (Lines(Users).FirstOrDefault(line => line.Length > 3 && line[2] == parts[0]) is { } known)
        {
            gid = Number(Users, known, 3);
        }

        // "1000:" names no group: the user's own remains.
        if (parts is [_, { Length: > 0 } group] && !uint.TryParse(group, out gid))
        {
            gid = Number(Groups, Lookup(Groups, group), 2);
        }

        return new Owner(uid, gid);

        IEnumerable<string[]> Lines(string file) =>
            Encoding
                .UTF8.GetString(tree.Read(file, cancellationToken) ?? [])
                .Split('\n')
                .Select(line => line.Split(':'));

        string[] Lookup(string file, string name) =>
            Lines(file).FirstOrDefault(line => line[0] == name) ?? throw ContainerDiagnostics.UnknownUser(name, file);

        uint Number(string file, string[] line, int field) =>
            line.Length > field && uint.TryParse(line[field], out var number)
                ? number
                : throw ContainerDiagnostics.UnknownUser(line[0], file);
    }
}
