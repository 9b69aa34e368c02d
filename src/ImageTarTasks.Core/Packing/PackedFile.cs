using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>The result for one name: its entry after all rules, and the file with its content.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Content">The absolute path of a file's content, or null.</param>
/// <param name="Identity">Equal for all names of one file that has several names; otherwise null.</param>
/// <param name="Folders">The folders of this machine that are merged here.</param>
internal sealed record PackedFile(
    TarEntry Entry,
    string? Content,
    (ulong Device, ulong Inode)? Identity,
    IReadOnlyList<Origin> Folders
)
{
    /// <summary>Whether it is a folder that exists only because other items go into it.</summary>
    public bool IsImpliedParent { get; private init; }

    /// <summary>Whether it is a folder that the layers underneath have, so that it needs no entry.</summary>
    public bool IsInLowerLayers { get; private init; }

    private const int UsualFolder = 0x1ed;
    private const int UsualFile = 0x1a4;
    private const int AnyMode = 0x1ff;

    /// <summary>
    /// Reads the file for a name and applies the rules. Null when it is a socket, or when it is optional and not there.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT2412 it cannot be read; ITT1058 the specification does not fit it.
    /// </exception>
    public static PackedFile? Of(PackedName name, PackingRules rules, TarTime newest)
    {
        var specified = name.Tree?.Specified;
        var origin = name.Origins.Count > 0 ? name.Origins[^1] : null;
        var file = origin is null ? null : FolderFile.Of(origin.Path);
        var content = origin?.Path;
        if (specified?.Contents is { } contents)
        {
            content = Path.Combine(Path.GetDirectoryName(rules.Spec!.File)!, contents.ToText());
            file = FolderFile.Of(content);
        }
        else if (file is null)
        {
            if (specified is { Optional: true, Kind: null or TarEntryKind.File })
            {
                return null;
            }

            file = CreateWithoutFile(name, rules) with { ModificationTime = newest };
        }

        if (file.Kind is not { } kind)
        {
            return null;
        }

        if (specified?.Kind is { } specifiedKind && specifiedKind != kind)
        {
            throw PackingDiagnostics.SpecificationDiffers(
                rules.Spec!.File,
                specified.Line,
                name.Name,
                $"it is a {Noun(specifiedKind)} there, but {content} is a {Noun(kind)}"
            );
        }

        var link = kind != TarEntryKind.SymbolicLink ? default : specified?.Link ?? LinkTarget(content!);
        var entry = new TarEntry
        {
            Name = kind == TarEntryKind.Directory ? OfFolder(name.Place) : name.Place,
            Kind = kind,
            Mode = Mode(name, file.Mode, kind, origin?.Item, specified, rules),
            Uid = specified?.Uid ?? origin?.Item?.Uid ?? rules.Owner.Uid,
            Gid = specified?.Gid ?? origin?.Item?.Gid ?? rules.Owner.Gid,
            ModificationTime = specified?.Time ?? new TarTime(file.ModificationTime.Seconds).ClampedTo(newest),
            Size = file.Size,
            StoredSize = file.Size,
            LinkName = link,
            DeviceMajor = specified?.Device?.Major ?? file.DeviceMajor,
            DeviceMinor = specified?.Device?.Minor ?? file.DeviceMinor,
            Xattrs = content is null ? [] : FolderFile.Xattrs(content, rules.Xattrs),
        };
        return new PackedFile(
            entry,
            content,
            file.Identity,
            kind == TarEntryKind.Directory ? FoldersAmong(name.Origins) : []
        )
        {
            IsImpliedParent = origin is null && specified is null,
        };
    }

    /// <summary>
    /// The same folder at its place in the layers below, without an entry unless a specification describes it.
    /// </summary>
    public PackedFile MovedTo(ByteString place, bool isSpecified) =>
        this with
        {
            Entry = Entry with { Name = OfFolder(place) },
            IsInLowerLayers = !isSpecified,
        };

    private static ByteString OfFolder(ByteString place) =>
        ByteString.FromUnits(place.IsEmpty ? "./" : place.Units + "/");

    /// <summary>
    /// An entry without a file on this machine: one that a specification describes, or a folder above one.
    /// </summary>
    private static FolderFile CreateWithoutFile(PackedName name, PackingRules rules)
    {
        var specified = name.Tree?.Specified;
        var kind =
            specified is null ? TarEntryKind.Directory
            : specified.Kind is null or TarEntryKind.File ? throw Missing("it is not in the folder")
            : specified.Kind.Value;
        var isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        return kind == TarEntryKind.SymbolicLink && specified!.Link is null
                ? throw Missing("it is a link without a target: write link=")
            : isDevice && specified!.Device is null
                ? throw Missing("it is a device without numbers: write device=linux,MAJOR,MINOR")
            : new FolderFile
            {
                Kind = kind,
                Mode = kind switch
                {
                    TarEntryKind.Directory => UsualFolder,
                    TarEntryKind.SymbolicLink => AnyMode,
                    _ => UsualFile,
                },
            };

        ImageTarException Missing(string reason) =>
            PackingDiagnostics.SpecificationDiffers(rules.Spec!.File, specified!.Line, name.Name, reason);
    }

    private static int Mode(
        PackedName name,
        int mode,
        TarEntryKind kind,
        PackedItem? item,
        MtreeEntry? specified,
        PackingRules rules
    )
    {
        if (kind == TarEntryKind.SymbolicLink)
        {
            return mode;
        }

        var isFolder = kind == TarEntryKind.Directory;
        foreach (var rule in rules.Modes)
        {
            if (rule.Pattern?.Matches(name.Name) ?? true)
            {
                mode = rule.Change.Apply(mode, isFolder);
            }
        }

        mode = item?.Mode?.Apply(mode, isFolder) ?? mode;
        return specified?.Mode?.Apply(mode, isFolder) ?? mode;
    }

    /// <summary>
    /// The folders at the end of the list. Something that is not a folder replaces what was before it.
    /// </summary>
    private static List<Origin> FoldersAmong(IReadOnlyList<Origin> origins)
    {
        var last = origins.Count;
        while (last > 0 && FolderFile.Of(origins[last - 1].Path).Kind == TarEntryKind.Directory)
        {
            last--;
        }

        return [.. origins.Skip(last)];
    }

    /// <summary>The target of a symbolic link of the disk, as written.</summary>
    public static ByteString LinkTarget(string path)
    {
        var target = new FileInfo(path).LinkTarget ?? throw PackingDiagnostics.FileChanged(path);
        return ByteString.FromText(OperatingSystem.IsWindows() ? target.Replace('\\', '/') : target);
    }

    private static string Noun(TarEntryKind kind) =>
        kind switch
        {
            TarEntryKind.Directory => "folder",
            TarEntryKind.SymbolicLink => "symbolic link",
            TarEntryKind.CharacterDevice => "character device",
            TarEntryKind.BlockDevice => "block device",
            TarEntryKind.Fifo => "fifo",
            _ => "file",
        };
}
