using System.Globalization;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Packing;

/// <summary>The attributes that a specification states for one name. Null means that it does not state one.</summary>
internal sealed record MtreeEntry
{
    /// <summary>The line that named it first, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The kind of entry.</summary>
    public TarEntryKind? Kind { get; init; }

    /// <summary>Its permission bits.</summary>
    public ModeChange? Mode { get; init; }

    /// <summary>Its owner.</summary>
    public long? Uid { get; init; }

    /// <summary>Its group.</summary>
    public long? Gid { get; init; }

    /// <summary>When it was changed.</summary>
    public TarTime? Time { get; init; }

    /// <summary>The target of a symbolic link.</summary>
    public ByteString? Link { get; init; }

    /// <summary>The numbers of a device.</summary>
    public (uint Major, uint Minor)? Device { get; init; }

    /// <summary>The file that has its content, as written.</summary>
    public ByteString? Contents { get; init; }

    /// <summary>Whether it need not exist.</summary>
    public bool Optional { get; init; }
}

/// <summary>
/// A file in the format of mtree(5), as bsdtar and the mtree programs of BSD read and write it: names, each with
/// keywords. It gives files of a folder attributes that only root could set on the disk, and adds entries that need no
/// file (folders, links, devices, fifos). The keywords type, mode, uid, gid, time, link, device, contents and optional
/// are used. Sizes, checksums and other keywords are ignored.
/// </summary>
public sealed class MtreeSpec
{
    private const int MaxBytes = 1 << 30;

    private static readonly string[] IgnoredKeywords =
    [
        "cksum",
        "flags",
        "gname",
        "ignore",
        "inode",
        "md5",
        "md5digest",
        "nlink",
        "nochange",
        "resdevice",
        "ripemd160digest",
        "rmd160",
        "rmd160digest",
        "sha1",
        "sha1digest",
        "sha256",
        "sha256digest",
        "sha384",
        "sha384digest",
        "sha512",
        "sha512digest",
        "size",
        "tags",
        "uname",
    ];

    private readonly Dictionary<ByteString, MtreeEntry> _entries = [];
    private readonly Dictionary<string, string> _set = new(StringComparer.Ordinal);

    private MtreeSpec(string file) => File = file;

    /// <summary>The absolute path of the file.</summary>
    public string File { get; }

    /// <summary>The entries by name, such as <c>usr/bin/env</c>. The name of the root is empty.</summary>
    internal IReadOnlyDictionary<ByteString, MtreeEntry> Entries => _entries;

    /// <summary>Reads the file at an absolute path.</summary>
    /// <exception cref="ImageTarException">
    /// ITT1009 it cannot be read; ITT1057 a line that cannot be understood.
    /// </exception>
    public static MtreeSpec Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? Parse(path, System.IO.File.ReadAllBytes(path))
                : throw IODiagnostics.InputNotReadable(path, "it is larger than any specification");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IODiagnostics.InputNotReadable(path, UntrustedText.Show(e.Message), e);
        }
    }

    /// <summary>Reads the content of <paramref name="file"/>.</summary>
    /// <exception cref="ImageTarException">ITT1057.</exception>
    public static MtreeSpec Parse(string file, ReadOnlySpan<byte> content)
    {
        var spec = new MtreeSpec(file);
        var folder = new Stack<string>();
        var lines = Encoding.Latin1.GetString(content).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var number = i + 1;
            var line = lines[i].TrimEnd('\r');
            while (line.EndsWith('\\') && i + 1 < lines.Length)
            {
                line = line[..^1] + " " + lines[++i].TrimEnd('\r');
            }

            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && !words[0].StartsWith('#'))
            {
                spec.Take(words, number, folder);
            }
        }

        return spec;
    }

    private void Take(string[] words, int line, Stack<string> folder)
    {
        switch (words[0])
        {
            case "/set":
                foreach (var (key, value) in words.Skip(1).Select(Keyword))
                {
                    _set[key] = value;
                }

                break;
            case "/unset":
                foreach (var key in words.Skip(1))
                {
                    if (key == "all")
                    {
                        _set.Clear();
                    }

                    _set.Remove(key);
                }

                break;
            case "..":
                if (!folder.TryPop(out _))
                {
                    throw SyntaxError(line, "\"..\" leads out of the root");
                }

                break;
            default:
                Describe(words, line, folder);
                break;
        }
    }

    private void Describe(string[] words, int line, Stack<string> folder)
    {
        var written = Unescape(words[0], line);
        var isWhole = written.Contains('/');
        var parts = (isWhole ? [] : folder.Reverse())
            .SelectMany(part => part.Split('/'))
            .Concat(written.Split('/'))
            .Where(part => part is not ("" or "."))
            .ToArray();
        if (parts.Contains(".."))
        {
            throw SyntaxError(line, "a name has a part \"..\"");
        }

        var name = ByteString.FromUnits(string.Join('/', parts));
        var entry = _entries.GetValueOrDefault(name) ?? new MtreeEntry { Line = line };
        var keywords = _set.Concat(words.Skip(1).Select(Keyword))
            .GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);
        foreach (var (key, value) in keywords)
        {
            entry = With(entry, key, value, line);
        }

        if (
            (keywords.ContainsKey("uname") && entry.Uid is null) || (keywords.ContainsKey("gname") && entry.Gid is null)
        )
        {
            throw SyntaxError(line, "an owner is given by name only; images know numbers, write uid= and gid=");
        }

        _entries[name] = entry;
        if (!isWhole && entry.Kind == TarEntryKind.Directory)
        {
            folder.Push(written);
        }
    }

    private static KeyValuePair<string, string> Keyword(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(word, "") : new(word[..equals], word[(equals + 1)..]);
    }

    private MtreeEntry With(MtreeEntry entry, string key, string value, int line) =>
        key switch
        {
            "type" => entry with { Kind = Kind(value, line) },
            "mode" => entry with
            {
                Mode = ModeChange.Parse($"{File}, line {line.ToString(CultureInfo.InvariantCulture)}", value),
            },
            "uid" => entry with { Uid = Id(key, value, line) },
            "gid" => entry with { Gid = Id(key, value, line) },
            "time" => entry with { Time = Time(value, line) },
            "link" => entry with { Link = ByteString.FromUnits(Unescape(value, line)) },
            "device" => entry with { Device = Device(value, line) },
            "contents" or "content" => entry with { Contents = ByteString.FromUnits(Unescape(value, line)) },
            "optional" => entry with { Optional = true },
            _ => IgnoredKeywords.Contains(key)
                ? entry
                : throw SyntaxError(line, $"\"{UntrustedText.Show(key)}\" is no keyword known here"),
        };

    private TarEntryKind Kind(string value, int line) =>
        value switch
        {
            "file" => TarEntryKind.File,
            "dir" => TarEntryKind.Directory,
            "link" => TarEntryKind.SymbolicLink,
            "char" => TarEntryKind.CharacterDevice,
            "block" => TarEntryKind.BlockDevice,
            "fifo" => TarEntryKind.Fifo,
            _ => throw SyntaxError(
                line,
                $"\"type={UntrustedText.Show(value)}\" is none of file, dir, link, char, block and fifo"
            ),
        };

    private long Id(string key, string value, int line) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue
            ? id
            : throw SyntaxError(line, $"\"{key}={UntrustedText.Show(value)}\" is no number of a user or a group");

    /// <summary>
    /// Seconds, and behind the point nanoseconds: <c>1.5</c> is five of them, as all readers of the format have it.
    /// </summary>
    private TarTime Time(string value, int line)
    {
        var parts = value.Split('.');
        var nanoseconds = 0;
        return
            parts.Length <= 2
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            && (
                parts.Length == 1
                || (
                    int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds)
                    && nanoseconds < 1_000_000_000
                )
            )
            ? new TarTime(seconds, nanoseconds)
            : throw SyntaxError(line, $"\"time={UntrustedText.Show(value)}\" is no time in seconds");
    }

    private (uint Major, uint Minor) Device(string value, int line)
    {
        var parts = value.Split(',');
        return parts.Length == 3 && uint.TryParse(parts[1], out var major) && uint.TryParse(parts[2], out var minor)
            ? (major, minor)
            : throw SyntaxError(line, $"\"device={UntrustedText.Show(value)}\" is not device=linux,MAJOR,MINOR");
    }

    /// <summary>Decodes the escapes of vis(3): three octal digits, and those of C.</summary>
    private string Unescape(string text, int line)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            var rest = text.AsSpan(i + 1);
            if (rest.Length >= 3 && rest[..3].IndexOfAnyExceptInRange('0', '7') < 0 && rest[0] < '4')
            {
                plain.Append((char)Convert.ToInt32(rest[..3].ToString(), 8));
                i += 3;
                continue;
            }

            plain.Append(
                rest is [var letter, ..] && "abfnrstv\\#\"'".IndexOf(letter) is >= 0 and var at
                    ? "\a\b\f\n\r \t\v\\#\"'"[at]
                    : throw SyntaxError(
                        line,
                        $"\"{UntrustedText.Show(text)}\" has an escape not known here; write octal digits: \\040"
                    )
            );
            i++;
        }

        return plain.ToString().Contains('\0') ? throw SyntaxError(line, "a name has a NUL byte") : plain.ToString();
    }

    private ImageTarException SyntaxError(int line, string reason) =>
        PackingDiagnostics.SpecificationSyntax(File, line, reason);
}
