using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Tar.Headers;

/// <summary>The rules for every entry, independent of the source of the tar.</summary>
internal static class TarChecks
{
    /// <summary>Names are bytes: not empty, not longer than Linux opens.</summary>
    /// <exception cref="ImageTarException">ITT2012.</exception>
    public static void Name(ByteString name, ContentLocation location)
    {
        if (name.IsEmpty)
        {
            throw TarDiagnostics.TarName("is empty", location);
        }

        if (name.Length > Limits.NameBytes)
        {
            throw TarDiagnostics.TarName($"has {name.Length} bytes; {Limits.NameBytes} are possible", location);
        }

        if (name.Length <= Limits.ComponentBytes)
        {
            return;
        }

        var units = name.Units.AsSpan();
        foreach (var part in units.Split('/'))
        {
            var length = units[part].Length;
            if (length > Limits.ComponentBytes)
            {
                throw TarDiagnostics.TarName(
                    $"has a component of {length} bytes; {Limits.ComponentBytes} are possible",
                    location
                );
            }
        }
    }

    /// <summary>
    /// Checks that the target of a link is not empty. The target of a symbolic link is no longer than Linux allows, the
    /// target of a hard link no longer than a name.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2013.</exception>
    public static void LinkName(ByteString target, TarEntryKind kind, ContentLocation location)
    {
        var most = kind == TarEntryKind.SymbolicLink ? Limits.LinkBytes : Limits.NameBytes;
        if (target.IsEmpty)
        {
            throw TarDiagnostics.TarLinkName("is empty", location);
        }

        if (target.Length > most)
        {
            throw TarDiagnostics.TarLinkName($"has {target.Length} bytes; {most} are possible", location);
        }
    }

    /// <summary>The kind of a type flag; null for entries that are skipped.</summary>
    /// <exception cref="ImageTarException">
    /// ITT2010: images have no such entries, and skipping one would lose data.
    /// </exception>
    public static TarEntryKind? KindOf(byte type, ByteString name, ContentLocation location) =>
        type switch
        {
            // Before ustar a trailing slash was the only mark of a directory. GNU tar and bsdtar accept it for type
            // '0', too.
            0 or (byte)'0' or (byte)'7' or (byte)'S' => name.Units[^1] == '/'
                ? TarEntryKind.Directory
                : TarEntryKind.File,
            (byte)'1' => TarEntryKind.HardLink,
            (byte)'2' => TarEntryKind.SymbolicLink,
            (byte)'3' => TarEntryKind.CharacterDevice,
            (byte)'4' => TarEntryKind.BlockDevice,
            (byte)'5' => TarEntryKind.Directory,
            (byte)'6' => TarEntryKind.Fifo,
            (byte)'V' => null,
            (byte)'D' => throw TarDiagnostics.TarEntryType(type, "GNU incremental dump of a directory", location),
            (byte)'M' => throw TarDiagnostics.TarEntryType(type, "rest of a file from another GNU volume", location),
            (byte)'N' => throw TarDiagnostics.TarEntryType(type, "old GNU long names", location),
            (byte)'X' => throw TarDiagnostics.TarEntryType(type, "Solaris extended header", location),
            (byte)'A' or (byte)'E' or (byte)'I' => throw TarDiagnostics.TarEntryType(
                type,
                "Solaris attributes or inode",
                location
            ),
            _ => throw TarDiagnostics.TarEntryType(type, "unknown", location),
        };

    /// <summary>
    /// Refuses content of an entry that cannot have content. Some readers skip it, others parse it as the next header.
    /// </summary>
    /// <exception cref="ImageTarException">ITT2011.</exception>
    public static void NoData(string kind, long size, ContentLocation location)
    {
        if (size != 0)
        {
            throw TarDiagnostics.TarDataOnNonFile(kind, size, location);
        }
    }

    public static string Word(TarEntryKind kind) =>
        kind switch
        {
            TarEntryKind.Directory => "directory",
            TarEntryKind.SymbolicLink => "symbolic link",
            TarEntryKind.HardLink => "hard link",
            TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice => "device",
            TarEntryKind.Fifo => "fifo",
            _ => "file",
        };
}
