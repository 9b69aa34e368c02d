using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// What a tar leaves on disk when it is extracted in order: one line for each path, sorted. A second, deliberately
/// plain reader of tar, so that the product's own is not its own judge. Names are Latin-1 text: one char for each byte.
/// </summary>
/// <remarks>
/// A line is: path, type (f d l c b p), mode, uid, gid, size or major:minor, time in seconds, link target, sha256,
/// first name of the hard-link group, xattrs. The root itself is left out: engines make up its attributes where no
/// layer has it.
/// </remarks>
internal sealed class TarListing
{
    private readonly SortedDictionary<string, Node> _nodes = new(StringComparer.Ordinal);

    private TarListing() { }

    private sealed class Node
    {
        public required char Type { get; init; }
        public required long Mode { get; init; }
        public required long Uid { get; init; }
        public required long Gid { get; init; }
        public required string Size { get; init; }
        public required long Time { get; init; }
        public required string Link { get; init; }
        public required string Content { get; init; }
        public required string Xattrs { get; init; }
        public required string Beginning { get; init; }
    }

    /// <summary>The paths, sorted.</summary>
    public IReadOnlyCollection<string> Paths => _nodes.Keys;

    /// <summary>The type of a path: f d l c b p, or NUL when there is none.</summary>
    public char TypeOf(string path) => _nodes.TryGetValue(path, out var node) ? node.Type : '\0';

    /// <summary>The first bytes of a file's content, as Latin-1 text; null when there is no such path.</summary>
    public string? BeginningOf(string path) => _nodes.TryGetValue(path, out var node) ? node.Beginning : null;

    /// <summary>
    /// The path of every entry, in the order of the tar; a path that was written twice is there twice.
    /// </summary>
    public List<string> Entries { get; } = [];

    /// <summary>Reads a plain tar.</summary>
    public static TarListing OfFile(string file)
    {
        using var stream = File.OpenRead(file);
        return Of(stream);
    }

    /// <summary>Reads a plain tar.</summary>
    public static TarListing Of(Stream tar)
    {
        var listing = new TarListing();
        var records = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var block = new byte[512];
        while (
            tar.ReadAtLeast(block, 512, throwOnEndOfStream: false) == 512 && block.AsSpan().ContainsAnyExcept((byte)0)
        )
        {
            var type = (char)block[156];
            var size = records.TryGetValue("size", out var big) ? Number(big) : Octal(block.AsSpan(124, 12));
            switch (type)
            {
                case 'x':
                    ReadRecords(Content(tar, size), records);
                    break;
                case 'g':
                    Content(tar, size);
                    break;
                case 'L':
                    records["path"] = Content(tar, size).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                case 'K':
                    records["linkpath"] = Content(tar, size).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                default:
                    listing.Add(type, block, records, type is '0' or '\0' or '7' ? Content(tar, size) : []);
                    records.Clear();
                    break;
            }
        }

        return listing;
    }

    /// <summary>
    /// Packs a folder with GNU tar and reads that: what the file system has, names of owners left out.
    /// </summary>
    public static TarListing OfFolder(string folder, string scratchFile)
    {
        Programs.Run(
            "tar",
            "--format=pax",
            "--numeric-owner",
            "--xattrs",
            "--xattrs-include=*",
            "-C",
            folder,
            "-cf",
            scratchFile,
            "."
        );
        return OfFile(scratchFile);
    }

    /// <summary>
    /// The lines. Left out: paths in <paramref name="without"/>; all xattrs but file capabilities when <paramref
    /// name="capabilitiesOnly"/>; times when not <paramref name="times"/>.
    /// </summary>
    public IReadOnlyList<string> Lines(
        IReadOnlySet<string>? without = null,
        bool capabilitiesOnly = false,
        bool times = true
    )
    {
        var kept = _nodes.Where(pair => without?.Contains(pair.Key) != true).ToList();
        var firstNames = new Dictionary<Node, (string First, int Count)>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in kept)
        {
            firstNames[node] = firstNames.TryGetValue(node, out var known) ? (known.First, known.Count + 1) : (path, 1);
        }

        return
        [
            .. kept.Select(pair =>
                string.Join(
                    '\t',
                    pair.Key,
                    pair.Value.Type,
                    Convert.ToString(pair.Value.Mode, 8),
                    pair.Value.Uid,
                    pair.Value.Gid,
                    pair.Value.Size,
                    times ? pair.Value.Time : "-",
                    pair.Value.Link,
                    pair.Value.Content,
                    firstNames[pair.Value].Count > 1 ? firstNames[pair.Value].First : "-",
                    capabilitiesOnly
                        ? string.Join(
                            ',',
                            pair.Value.Xattrs.Split(',')
                                .Where(xattr => xattr.StartsWith("security.capability=", StringComparison.Ordinal))
                        )
                        : pair.Value.Xattrs
                )
            ),
        ];
    }

    /// <summary>Fails with the lines only one side has.</summary>
    public static void AssertSame(IReadOnlyList<string> expected, IReadOnlyList<string> seen, string what)
    {
        var missing = expected.Except(seen).Select(line => "- " + line);
        var extra = seen.Except(expected).Select(line => "+ " + line);
        var differences = missing.Concat(extra).OrderBy(line => line[2..], StringComparer.Ordinal).Take(40).ToList();
        Assert.IsEmpty(differences, $"{what} (- expected, + seen):\n{string.Join('\n', differences)}\n");
        Assert.AreNotEqual(0, expected.Count, what + ": nothing was compared");
    }

    private void Add(char type, byte[] block, Dictionary<string, byte[]> records, byte[] content)
    {
        var path = Normal(Name(records, "path", block, 0, withPrefix: true));
        var link = Name(records, "linkpath", block, 157, withPrefix: false);
        if (path.Length == 0)
        {
            return;
        }

        Entries.Add(path);
        Node node;
        if (type == '1')
        {
            node = _nodes[Normal(link)];
        }
        else
        {
            var device = type is '3' or '4' ? $"{Octal(block.AsSpan(329, 8))}:{Octal(block.AsSpan(337, 8))}" : null;
            node = new Node
            {
                Type = type switch
                {
                    '0' or '\0' or '7' => 'f',
                    '5' => 'd',
                    '2' => 'l',
                    '3' => 'c',
                    '4' => 'b',
                    '6' => 'p',
                    _ => throw new InvalidDataException($"type {type} of {path}"),
                },
                Mode = Octal(block.AsSpan(100, 8)) & 0xfff,
                Uid = records.TryGetValue("uid", out var uid) ? Number(uid) : Octal(block.AsSpan(108, 8)),
                Gid = records.TryGetValue("gid", out var gid) ? Number(gid) : Octal(block.AsSpan(116, 8)),
                Size = device ?? content.Length.ToString(CultureInfo.InvariantCulture),
                Time = records.TryGetValue("mtime", out var time) ? Floor(time) : Octal(block.AsSpan(136, 12)),
                Link = type == '2' ? link : "-",
                Beginning = Encoding.Latin1.GetString(content, 0, Math.Min(content.Length, 256)),
                Content = type is '0' or '\0' or '7' ? Convert.ToHexStringLower(SHA256.HashData(content)) : "-",
                Xattrs = string.Join(
                    ',',
                    records
                        .Where(record => record.Key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal))
                        .OrderBy(record => record.Key, StringComparer.Ordinal)
                        .Select(record => record.Key[13..] + "=" + Convert.ToHexStringLower(record.Value))
                ),
            };
        }

        if (TypeOf(path) == 'd' && node.Type != 'd')
        {
            foreach (
                var below in _nodes.Keys.Where(other => other.StartsWith(path + "/", StringComparison.Ordinal)).ToList()
            )
            {
                _nodes.Remove(below);
            }
        }

        _nodes[path] = node;
    }

    private static string Normal(string name) =>
        string.Join('/', name.Split('/').Where(part => part is not ("" or ".")));

    private static string Name(
        Dictionary<string, byte[]> records,
        string key,
        byte[] block,
        int offset,
        bool withPrefix
    )
    {
        if (records.TryGetValue(key, out var bytes))
        {
            return Encoding.Latin1.GetString(bytes);
        }

        var name = Field(block.AsSpan(offset, 100));
        var prefix = withPrefix && block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Field(block.AsSpan(345, 155)) : "";
        return prefix.Length == 0 ? name : prefix + "/" + name;
    }

    private static string Field(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            return BinaryPrimitives.ReadInt64BigEndian(
                field.Length == 8 ? [(byte)(field[0] == 0xff ? 0xff : 0), .. field[1..]] : field[^8..]
            );
        }

        var text = Field(field).Trim();
        return text.Length == 0 ? 0 : Convert.ToInt64(text, 8);
    }

    private static long Number(byte[] text) => long.Parse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture);

    private static long Floor(byte[] text) =>
        (long)
            decimal.Floor(
                decimal.Parse(
                    Encoding.ASCII.GetString(text),
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture
                )
            );

    private static byte[] Content(Stream tar, long size)
    {
        var content = new byte[size];
        tar.ReadExactly(content);
        tar.ReadExactly(new byte[(512 - (size % 512)) % 512]);
        return content;
    }

    private static void ReadRecords(ReadOnlySpan<byte> data, Dictionary<string, byte[]> records)
    {
        while (!data.IsEmpty)
        {
            var space = data.IndexOf((byte)' ');
            var record = data[..(int)Number(data[..space].ToArray())];
            var equals = record.IndexOf((byte)'=');
            records[Encoding.Latin1.GetString(record[(space + 1)..equals])] = record[(equals + 1)..^1].ToArray();
            data = data[record.Length..];
        }
    }
}
