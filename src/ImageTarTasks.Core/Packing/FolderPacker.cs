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
    private readonly HardLinks _links = new();
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
        if (_tree.Specified is not null && PackedFile.Of(top, rules, newest) is { } rootFile)
        {
            Write(rootFile, cancellationToken);
        }

        Push(
            pending,
            top with
            {
                Origins = [.. root is null ? Enumerable.Empty<Origin>() : [new Origin(root, null)], .. _tree.Items],
            }
        );
        while (pending.TryPop(out var current))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Visit(current, pending, cancellationToken);
        }
    }

    private static void Push(Stack<PackedName> pending, PackedName folder)
    {
        var children = new SortedDictionary<ByteString, List<Origin>>();
        foreach (var origin in folder.Origins)
        {
            foreach (var (path, name) in HostFiles.Children(origin.Path))
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
                    folder.ExcludedParent
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

    /// <summary>Writes one name, unless it is left out, and pushes its children.</summary>
    private void Visit(PackedName current, Stack<PackedName> pending, CancellationToken cancellationToken)
    {
        IgnoreMatches matches = default;
        var isExcluded = rules.Exclude?.Match(current.Name, current.Matches, out matches) ?? false;
        if (isExcluded && !rules.Exclude!.HasExceptions)
        {
            return;
        }

        if (Whiteout.IsIn(current.Name.Units))
        {
            throw LayerDiagnostics.WhiteoutNameInRootFs(
                new ContentLocation(
                    (current.Origins.Count > 0 ? current.Origins[^1].Path : null)
                        ?? rules.Spec?.File
                        ?? current.Name.ToText()
                )
            );
        }

        if (PackedFile.Of(current, rules, newest) is not { } file)
        {
            if (current.Origins is [.., var socket] && !isExcluded)
            {
                SkippedSockets.Add(socket.Path);
            }

            return;
        }

        var isFolder = file.Entry.Kind == TarEntryKind.Directory;
        if (isFolder && FolderBelow?.Invoke(current.Place) is { } place)
        {
            current = current with { Place = place };
            file = file.MovedTo(place, isSpecified: current.Tree?.Specified is not null);
        }

        var excluded = isExcluded ? new ExcludedFolder(file, current.ExcludedParent) : null;
        if (!isExcluded)
        {
            Release(current.ExcludedParent, cancellationToken);
            Write(file, cancellationToken);
        }

        if (isFolder)
        {
            Push(pending, current with { Origins = file.Folders, Matches = matches, ExcludedParent = excluded });
        }
        else if (current.Tree?.Children.Keys is { } names && names.Any())
        {
            throw PackingDiagnostics.BelowNoFolder(
                ByteString.FromUnits($"{current.Name.Units}/{names.First().Units}"),
                current.Name
            );
        }
    }

    /// <summary>Writes the folders that are left out but hold something that is not.</summary>
    private void Release(ExcludedFolder? folder, CancellationToken cancellationToken)
    {
        if (folder is { IsWritten: false })
        {
            folder.IsWritten = true;
            Release(folder.Parent, cancellationToken);
            Write(folder.File, cancellationToken);
        }
    }

    private void Write(PackedFile file, CancellationToken cancellationToken)
    {
        if (file.IsInLowerLayers || (file.IsImpliedParent && rules.LeavesOutParents))
        {
            return;
        }

        var entry = _links.Link(file.Entry, file.Identity);
        output(entry, entry.Kind == TarEntryKind.File ? file.Content : null, cancellationToken);
    }

    private static void Write(TarEntry entry, string? path, Action<Stream?> write)
    {
        using var content = path is null ? null : HostFiles.Open(path, entry.Size);
        write(content);
    }
}
