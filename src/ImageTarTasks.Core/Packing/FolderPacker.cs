using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Paths;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>
/// Packs files of this machine as a root filesystem. The same content gives the same bytes on any machine: names in
/// byte order, a folder before its content, owner 0:0, clamped times, the permission bits of the file system (0755 on
/// Windows), several names of one file as hard links. <see cref="PackingRules"/> can change these defaults. The root
/// gets no entry unless a specification describes it, because its mode depends on the build.
/// </summary>
/// <remarks>
/// Memory grows with the depth of the folders and with the names in the rules, not with the number of files.
/// </remarks>
/// <param name="output">Receives every entry in order, and for a file the absolute path of its content.</param>
/// <param name="newest">
/// The upper bound of modification times, unless a specification states another time. Earlier times stay, in whole
/// seconds.
/// </param>
/// <param name="rules">The rules.</param>
internal sealed class FolderPacker(
    Action<TarEntry, string?, CancellationToken> output,
    TarTime newest,
    PackingRules rules
)
{
    private readonly Dictionary<(ulong Device, ulong Inode), TarEntry> _linked = [];
    private readonly PackedTree _tree = PackedTree.Of(rules);

    /// <summary>Packs into a tar. The caller ends the tar.</summary>
    public FolderPacker(TarWriter tar, TarTime newest, PackingRules rules)
        : this(
            (entry, path, cancellationToken) =>
                Write(entry, path, content => tar.Add(entry, content, cancellationToken)),
            newest,
            rules
        ) { }

    /// <summary>Packs into a layer on top of others.</summary>
    public FolderPacker(OverlayLayerWriter layer, TarTime newest, PackingRules rules)
        : this(
            (entry, path, cancellationToken) =>
                Write(entry, path, content => layer.Add(entry, content, cancellationToken)),
            newest,
            rules
        ) { }

    /// <summary>
    /// Finds the folder of a path in the layers below. Returns that folder's own path, or null when there is none. Such
    /// a folder gets no entry and keeps its attributes, and files inside it are written to the place that a link to it
    /// leads to.
    /// </summary>
    public Func<ByteString, ByteString?>? FolderBelow { get; init; }

    /// <summary>Sockets left out, as they were met.</summary>
    public List<string> SkippedSockets { get; } = [];

    /// <summary>
    /// Writes everything below the absolute path <paramref name="root"/> (null for no folder) and the items of the
    /// rules.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT2408: a name would be a whiteout; ITT2412: something cannot be read; ITT2413: a file changed in the meantime;
    /// ITT1058: the specification does not match.
    /// </exception>
    public void Pack(string? root, CancellationToken cancellationToken)
    {
        var pending = new Stack<PackedName>();
        var top = new PackedName(default, default, [], _tree, default, null);
        if (_tree.Specified is not null && PackedFile.Of(top, rules, newest) is { } said)
        {
            Write(said, cancellationToken);
        }

        Push(
            pending,
            top with
            {
                Origins = [.. root is null ? Enumerable.Empty<Origin>() : [new Origin(root, null)], .. _tree.Items],
            }
        );
        while (pending.TryPop(out var spot))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Visit(spot, pending, cancellationToken);
        }
    }

    private static void Push(Stack<PackedName> pending, PackedName folder)
    {
        var children = new SortedDictionary<ByteString, List<Origin>>();
        foreach (var origin in folder.Origins)
        {
            foreach (var (path, name) in Children(origin.Path))
            {
                At(name).Add(origin with { Path = path });
            }
        }

        foreach (var name in folder.Tree?.Children.Keys ?? Enumerable.Empty<ByteString>())
        {
            At(name);
        }

        foreach (var (name, origins) in children.Reverse())
        {
            var tree = folder.Tree?.Children.GetValueOrDefault(name);
            pending.Push(
                new PackedName(
                    Below(folder.Name, name),
                    Below(folder.Place, name),
                    tree is null ? origins : [.. origins, .. tree.Items],
                    tree,
                    folder.Matches,
                    folder.Withheld
                )
            );
        }

        List<Origin> At(ByteString name)
        {
            if (!children.TryGetValue(name, out var origins))
            {
                children.Add(name, origins = []);
            }

            return origins;
        }
    }

    private static ByteString Below(ByteString folder, ByteString name) =>
        folder.IsEmpty ? name : ByteString.FromUnits($"{folder.Units}/{name.Units}");

    /// <summary>The children of a folder.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    internal static List<(string Path, ByteString Name)> Children(string folder)
    {
        try
        {
            var all = new EnumerationOptions
            {
                AttributesToSkip = 0,
                IgnoreInaccessible = false,
                MatchType = MatchType.Simple,
            };
            return
            [
                .. Directory
                    .EnumerateFileSystemEntries(folder, "*", all)
                    .Select(path => (path, ByteString.FromText(Path.GetFileName(path)))),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PackingDiagnostics.RootFsNotReadable(folder, e.Message, e);
        }
    }

    /// <summary>Writes one name, unless it is left out, and pushes its children.</summary>
    private void Visit(PackedName spot, Stack<PackedName> pending, CancellationToken cancellationToken)
    {
        IgnoreMatches matches = default;
        var isExcluded = rules.Exclude?.Match(spot.Name, spot.Matches, out matches) ?? false;
        if (isExcluded && !rules.Exclude!.HasExceptions)
        {
            return;
        }

        if (Whiteout.IsIn(spot.Name.Units))
        {
            throw LayerDiagnostics.WhiteoutNameInRootFs(
                new ContentLocation(
                    (spot.Origins.Count > 0 ? spot.Origins[^1].Path : null) ?? rules.Spec?.File ?? spot.Name.ToText()
                )
            );
        }

        if (PackedFile.Of(spot, rules, newest) is not { } file)
        {
            if (spot.Origins is [.., var socket] && !isExcluded)
            {
                SkippedSockets.Add(socket.Path);
            }

            return;
        }

        var isFolder = file.Entry.Kind == TarEntryKind.Directory;
        if (isFolder && FolderBelow?.Invoke(spot.Place) is { } there)
        {
            spot = spot with { Place = there };
            file = file.MovedTo(there, isSaid: spot.Tree?.Specified is not null);
        }

        var withheld = isExcluded ? new ExcludedFolder(file, spot.Withheld) : null;
        if (!isExcluded)
        {
            Release(spot.Withheld, cancellationToken);
            Write(file, cancellationToken);
        }

        if (isFolder)
        {
            Push(pending, spot with { Origins = file.Folders, Matches = matches, Withheld = withheld });
        }
        else if (spot.Tree?.Children.Keys is { } below && below.Any())
        {
            throw PackingDiagnostics.BelowNoFolder(
                ByteString.FromUnits($"{spot.Name.Units}/{below.First().Units}"),
                spot.Name
            );
        }
    }

    /// <summary>Writes the folders that are left out but hold something that is not.</summary>
    private void Release(ExcludedFolder? withheld, CancellationToken cancellationToken)
    {
        if (withheld is { IsWritten: false })
        {
            withheld.IsWritten = true;
            Release(withheld.Parent, cancellationToken);
            Write(withheld.File, cancellationToken);
        }
    }

    private void Write(PackedFile file, CancellationToken cancellationToken)
    {
        if (file.Exists || (file.IsImpliedParent && rules.LeavesOutParents))
        {
            return;
        }

        var entry = file.Entry;
        if (
            file.Identity is { } identity
            && !_linked.TryAdd(identity, entry)
            && _linked[identity] is var first
            && HasAttributesOf(first, entry)
        )
        {
            entry = entry with
            {
                Kind = TarEntryKind.HardLink,
                LinkName = first.Name,
                Size = 0,
                StoredSize = 0,
                DeviceMajor = 0,
                DeviceMinor = 0,
                Xattrs = [],
            };
        }

        output(entry, entry.Kind == TarEntryKind.File ? file.Content : null, cancellationToken);
    }

    private static void Write(TarEntry entry, string? path, Action<Stream?> write)
    {
        using var content = path is null ? null : OpenFile(path, entry.Size);
        write(content);
    }

    /// <summary>
    /// Names of one file have one set of attributes; where rules give them several, they become files of their own.
    /// </summary>
    private static bool HasAttributesOf(TarEntry first, TarEntry other) =>
        first.Mode == other.Mode
        && first.Uid == other.Uid
        && first.Gid == other.Gid
        && first.ModificationTime == other.ModificationTime;

    /// <summary>Opens a file whose size must not change.</summary>
    /// <exception cref="ImageTarException">ITT2412.</exception>
    internal static FixedSizeFileStream OpenFile(string path, long size)
    {
        try
        {
            return new FixedSizeFileStream(
                new FileStream(
                    path,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete,
                    0,
                    FileOptions.SequentialScan
                ),
                size
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PackingDiagnostics.RootFsNotReadable(path, e.Message, e);
        }
    }
}
