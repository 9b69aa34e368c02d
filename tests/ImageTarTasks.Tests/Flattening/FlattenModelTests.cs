using System.Globalization;
using CsCheck;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Tar;
using ImageTarTasks.Core.Tar.Reading;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Tests.Flattening;

/// <summary>
/// Random stacks of layers, flattened here and by a model that is as simple as it can be: a map from paths to files,
/// searched from end to end for whatever it needs. Words are those of <see cref="LayerTar"/>.
/// </summary>
[TestClass]
public sealed class FlattenModelTests
{
    private static readonly Gen<string> Name = Gen.Char["abc"].Select(c => c.ToString());
    private static readonly Gen<string> Path = Name.Array[1, 3].Select(parts => string.Join('/', parts));
    private static readonly Gen<string> Attributes = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2])
        .Select((mode, uid) => string.Create(CultureInfo.InvariantCulture, $"@7{mode}0:{uid}"));

    private static readonly Gen<string> Word = Gen.Frequency(
        (4, Gen.Select(Path, Attributes).Select((path, attributes) => $"{path}/{attributes}")),
        (
            6,
            Gen.Select(Path, Gen.Int[0, 9], Attributes)
                .Select(
                    (path, content, attributes) =>
                        string.Create(CultureInfo.InvariantCulture, $"{path}={content}{attributes}")
                )
        ),
        (
            2,
            Gen.Select(Path, Gen.OneOf(Path, Path.Select(p => "/" + p), Path.Select(p => "../" + p)))
                .Select((path, target) => $"{path}→{target}")
        ),
        (3, Gen.Select(Path, Path, Attributes).Select((path, target, attributes) => $"{path}⇒{target}{attributes}")),
        (3, Path.Select(path => Beside(path, ".wh." + Last(path)) + "=")),
        (1, Path.Select(path => Beside(path, ".wh..wh..opq") + "=")),
        (1, Gen.Const("./@711:3"))
    );

    [TestMethod]
    public void Flattening_agrees_with_a_model_that_only_looks_things_up()
    {
        var (agreed, refused) = (0, 0);
        Word.Array[1, 8]
            .Array[1, 4]
            .Sample(
                layers =>
                {
                    var (expected, reason) = Model.Flatten(layers);
                    if (reason == Model.Unspoken)
                    {
                        return;
                    }

                    try
                    {
                        var flat = LayerTar.Flatten([.. layers.Select(words => LayerTar.Of(words))]);
                        Assert.IsNull(reason, reason);
                        Assert.AreEqual(expected, Show(flat));
                        Interlocked.Increment(ref agreed);
                    }
                    catch (ImageTarException e) when (e.Diagnostic.Code.StartsWith("ITT24", StringComparison.Ordinal))
                    {
                        Assert.IsNotNull(reason, e.Message);
                        Interlocked.Increment(ref refused);
                    }
                },
                iter: 4_000,
                print: layers => string.Join(" | ", layers.Select(words => string.Join(' ', words)))
            );

        Assert.IsGreaterThan(200, agreed);
        Assert.IsGreaterThan(200, refused);
    }

    private static string Beside(string path, string name) => path[..(path.LastIndexOf('/') + 1)] + name;

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The tree of a flat tar, one line a path; checks that it can be extracted in its order.</summary>
    private static string Show(byte[] flat)
    {
        var files = new Dictionary<string, Model.File>(StringComparer.Ordinal);
        var reader = new TarReader(new MemoryStream(flat), new ContentLocation("flat"));
        while (reader.Next() is { } entry)
        {
            var path = entry.Name.ToText().TrimEnd('/');
            var slash = path.LastIndexOf('/');
            Assert.IsTrue(
                slash < 0 || files[path[..slash]].Kind == TarEntryKind.Directory,
                $"{path} comes before its folder"
            );
            using var content = new StreamReader(reader.Content);
            files.Add(
                path == "." ? "" : path,
                entry.Kind == TarEntryKind.HardLink
                    ? files[entry.LinkName.ToText()]
                    : new Model.File
                    {
                        Kind = entry.Kind,
                        Content = entry.Kind == TarEntryKind.File ? content.ReadToEnd() : entry.LinkName.ToText(),
                        Mode = entry.Mode,
                        Uid = entry.Uid,
                    }
            );
        }

        return Model.Show(files);
    }

    /// <summary>What layers mean, by the words of the specification and of docs/reference/formats.md.</summary>
    private sealed class Model
    {
        public const string Unspoken = "a whiteout behind a link";

        private readonly Dictionary<string, File> _files = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _saidBy = new(StringComparer.Ordinal);
        private int _layer;

        public static (string? Tree, string? Why) Flatten(string[][] layers)
        {
            var model = new Model();
            foreach (var words in layers)
            {
                var entries = words
                    .Select(word =>
                        (
                            Entry: LayerTar.Entry(word, out var content),
                            Content: System.Text.Encoding.UTF8.GetString(content)
                        )
                    )
                    .ToArray();
                if (
                    (
                        model.Hide(entries.Select(e => e.Entry.Name.ToText()))
                        ?? entries
                            .Select(e => model.Place(e.Entry, e.Content))
                            .FirstOrDefault(reason => reason is not null)
                    ) is
                    { } reason
                )
                {
                    return (null, reason);
                }

                model._layer++;
            }

            return (Show(model._files), null);
        }

        public static string Show(Dictionary<string, File> files) =>
            string.Join(
                '\n',
                files
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .Select(pair =>
                    {
                        var (path, file) = pair;
                        var names = files
                            .Where(other => ReferenceEquals(other.Value, file))
                            .Select(other => other.Key)
                            .Order(StringComparer.Ordinal)
                            .ToArray();
                        var mode = file.Kind == TarEntryKind.SymbolicLink ? "" : Convert.ToString(file.Mode, 8);
                        return $"{path} {file.Kind} {file.Content} {mode} {file.Uid} "
                            + $"{(names.Length > 1 ? names[0] : "-")}";
                    })
            );

        /// <summary>Whiteouts act on what lower layers left.</summary>
        private string? Hide(IEnumerable<string> names)
        {
            var whiteouts = names.Where(name => Last(name).StartsWith(".wh.", StringComparison.Ordinal)).ToArray();
            if (
                whiteouts.Any(name =>
                    Folders(name).Any(folder => _files.GetValueOrDefault(folder)?.Kind == TarEntryKind.SymbolicLink)
                )
            )
            {
                return Unspoken;
            }

            foreach (var name in whiteouts)
            {
                var gone =
                    Last(name) == ".wh..wh..opq" ? name[..^".wh..wh..opq".Length] : Beside(name, Last(name)[4..]);
                Remove(path =>
                    gone.Length == 0
                        ? path.Length > 0
                        : path == gone
                            || path.StartsWith(gone.TrimEnd('/') + "/", StringComparison.Ordinal)
                                && path != gone.TrimEnd('/')
                );
            }

            return null;
        }

        private string? Place(TarEntry entry, string content)
        {
            var name = entry.Name.ToText().TrimEnd('/');
            if (Last(name).StartsWith(".wh.", StringComparison.Ordinal))
            {
                return null;
            }

            if (name == ".")
            {
                _files[""] = new File
                {
                    Kind = TarEntryKind.Directory,
                    Mode = entry.Mode,
                    Uid = entry.Uid,
                };
                return null;
            }

            if (Parent(name, make: true) is not { } folder)
            {
                return "no such parent";
            }

            var path = folder.Length == 0 ? Last(name) : $"{folder}/{Last(name)}";
            var existing = _files.GetValueOrDefault(path);
            if (entry.Kind == TarEntryKind.HardLink)
            {
                var target = entry.LinkName.ToText();
                var at = Parent(target, make: false) is { } targetFolder
                    ? targetFolder.Length == 0
                        ? Last(target)
                        : $"{targetFolder}/{Last(target)}"
                    : null;
                if (
                    at is null
                    || at == path
                    || !_files.TryGetValue(at, out var file)
                    || file.Kind == TarEntryKind.Directory
                )
                {
                    return "no such target";
                }

                (file.Mode, file.Uid) = (entry.Mode, entry.Uid);
                RemoveTree(path);
                _files[path] = file;
            }
            else if (entry.Kind == TarEntryKind.Directory && existing?.Kind == TarEntryKind.Directory)
            {
                (existing.Mode, existing.Uid) = (entry.Mode, entry.Uid);
            }
            else
            {
                RemoveTree(path);
                _files[path] = new File
                {
                    Kind = entry.Kind,
                    Content = entry.Kind == TarEntryKind.File ? content : entry.LinkName.ToText(),
                    Mode = entry.Mode,
                    Uid = entry.Uid,
                };
            }

            _saidBy[path] = _layer;
            return null;
        }

        /// <summary>The real path of the folder a name is in; null when there is none and none can be made.</summary>
        private string? Parent(string name, bool make)
        {
            var path = "";
            var steps = new LinkedList<string>(name.Split('/')[..^1]);
            for (var links = 0; steps.First is { } step; )
            {
                steps.RemoveFirst();
                if (step.Value is ".." or "." or "")
                {
                    path = step.Value == ".." ? path[..Math.Max(path.LastIndexOf('/'), 0)] : path;
                    continue;
                }

                var next = path.Length == 0 ? step.Value : $"{path}/{step.Value}";
                switch (_files.GetValueOrDefault(next)?.Kind)
                {
                    case TarEntryKind.SymbolicLink when ++links > Limits.SymlinkHops:
                        return null;
                    case TarEntryKind.SymbolicLink:
                        var target = _files[next].Content;
                        path = target.StartsWith('/') ? "" : path;
                        foreach (var part in target.Split('/').Reverse())
                        {
                            steps.AddFirst(part);
                        }

                        break;
                    case TarEntryKind.Directory:
                        path = next;
                        break;
                    case null when !make:
                        return null;
                    case null:
                        path = next;
                        _pendingFolders.Add(next);
                        break;
                    case var _ when !make || _saidBy[next] == _layer || links > 0:
                        _pendingFolders.Clear();
                        return null;
                    default:
                        RemoveTree(next);
                        _pendingFolders.Add(next);
                        path = next;
                        break;
                }
            }

            // Only those the path really goes through: a .. behind one that does not exist takes it away again.
            foreach (
                var folder in _pendingFolders.Where(folder =>
                    path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal)
                )
            )
            {
                _files[folder] = new File { Kind = TarEntryKind.Directory, Mode = 0b111_101_101 };
                _saidBy[folder] = _layer;
            }

            _pendingFolders.Clear();
            return path;
        }

        private readonly List<string> _pendingFolders = [];

        private static IEnumerable<string> Folders(string name)
        {
            for (
                var slash = name.IndexOf('/', StringComparison.Ordinal);
                slash >= 0;
                slash = name.IndexOf('/', slash + 1)
            )
            {
                yield return name[..slash];
            }
        }

        private void RemoveTree(string path) =>
            Remove(other => other == path || other.StartsWith(path + "/", StringComparison.Ordinal));

        private void Remove(Func<string, bool> which)
        {
            foreach (var path in _files.Keys.Where(which).ToArray())
            {
                _files.Remove(path);
                _saidBy.Remove(path);
            }
        }

        public sealed class File
        {
            public required TarEntryKind Kind { get; init; }

            public string Content { get; init; } = "";

            public int Mode { get; set; }

            public long Uid { get; set; }
        }
    }
}
