using System.Globalization;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Layers;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Tar.Writing;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Tests.Flattening;

/// <summary>
/// Layers in a few words, and the flat tar of several as lines. One word an entry: <c>d/</c> a directory, <c>f=x</c> a
/// file with content, <c>l→t</c> a symbolic link, <c>h⇒t</c> a hard link, and <c>@mode:uid</c> behind any of them.
/// </summary>
internal static class LayerTar
{
    public static TarEntry Entry(string word, out byte[] content)
    {
        var (mode, uid) = (-1, 0);
        if (word.LastIndexOf('@') is > 0 and var at)
        {
            var attributes = word[(at + 1)..].Split(':');
            mode = Convert.ToInt32(attributes[0], 8);
            uid = attributes.Length > 1 ? int.Parse(attributes[1], CultureInfo.InvariantCulture) : 0;
            word = word[..at];
        }

        content = [];
        var (kind, name, link) = (TarEntryKind.File, word, "");
        if (word.Split('→') is [var symlink, var target])
        {
            (kind, name, link) = (TarEntryKind.SymbolicLink, symlink, target);
        }
        else if (word.Split('⇒') is [var hardlink, var file])
        {
            (kind, name, link) = (TarEntryKind.HardLink, hardlink, file);
        }
        else if (word.Split('=', 2) is [var path, var text])
        {
            (name, content) = (path, Encoding.UTF8.GetBytes(text));
        }
        else if (word.EndsWith('/'))
        {
            kind = TarEntryKind.Directory;
        }

        return new TarEntry
        {
            Name = ByteString.FromText(name),
            Kind = kind,
            Mode =
                mode >= 0 ? mode
                : kind is TarEntryKind.Directory ? 0b111_101_101
                : 0b110_100_100,
            Uid = uid,
            Size = content.Length,
            LinkName = ByteString.FromText(link),
            ModificationTime = new TarTime(1000),
        };
    }

    public static byte[] Of(params IEnumerable<string> words)
    {
        var bytes = new MemoryStream();
        var tar = new TarWriter(bytes);
        foreach (var word in words)
        {
            var entry = Entry(word, out var content);
            if (entry.Kind == TarEntryKind.File)
            {
                tar.Add(entry, content);
            }
            else
            {
                tar.Add(entry);
            }
        }

        tar.Finish();
        return bytes.ToArray();
    }

    /// <summary>The layers in words, separated by <c>|</c>.</summary>
    public static byte[][] Layers(string words) =>
        [.. words.Split('|').Select(layer => Of(layer.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];

    public static byte[] Flatten(byte[][] layers, LayerMerge? with = null, ExportOptions? options = null)
    {
        var merge = with ?? new LayerMerge();
        for (var i = 0; i < layers.Length; i++)
        {
            var layer = layers[i];
            merge.Add(() => Entries(layer), Where(i));
        }

        var flat = new MemoryStream();
        new FlatWriter(merge.Tree, new TarOutput(new TarWriter(flat)), options ?? new ExportOptions()).Write(
            i => new LayerContent(new MemoryStream(layers[i]), Where(i)),
            CancellationToken.None
        );
        return flat.ToArray();

        static ContentLocation Where(int number) =>
            new("test", ByteString.FromText(string.Create(CultureInfo.InvariantCulture, $"layer {number}")));
    }

    public static IEnumerable<TarEntry> Entries(byte[] tar)
    {
        var reader = new TarReader(new MemoryStream(tar), new ContentLocation("test"));
        while (reader.Next() is { } entry)
        {
            yield return entry;
        }
    }

    /// <summary>
    /// The entries of a tar in their order, in the words above; modes only where they are not 0755 and 0644.
    /// </summary>
    public static string Show(byte[] tar)
    {
        var words = new List<string>();
        var reader = new TarReader(new MemoryStream(tar), new ContentLocation("test"));
        while (reader.Next() is { } entry)
        {
            var name = entry.Name.ToText();
            using var content = new StreamReader(reader.Content);
            var word = entry.Kind switch
            {
                TarEntryKind.File => $"{name}={content.ReadToEnd()}",
                TarEntryKind.SymbolicLink => $"{name}→{entry.LinkName.ToText()}",
                TarEntryKind.HardLink => $"{name}⇒{entry.LinkName.ToText()}",
                _ => name,
            };
            var usual = entry.Kind switch
            {
                TarEntryKind.Directory => 0b111_101_101,
                TarEntryKind.SymbolicLink => 0b111_111_111,
                TarEntryKind.HardLink when entry.Mode == 0b111_111_111 => 0b111_111_111,
                _ => 0b110_100_100,
            };
            words.Add(
                entry.Uid != 0 || entry.Mode != usual
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $"{word}@{Convert.ToString(entry.Mode, 8)}{(entry.Uid == 0 ? "" : ":" + entry.Uid)}"
                    )
                    : word
            );
        }

        return string.Join(' ', words);
    }
}
