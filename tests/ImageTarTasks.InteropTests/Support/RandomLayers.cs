namespace ImageTarTasks.InteropTests.Support;

/// <summary>
/// Random stacks of layers as builders may write them: whatever they do is done to something that is there, so that no
/// program has a reason to refuse them.
/// </summary>
internal sealed class RandomLayers
{
    private const char Folder = 'd';
    private const char File = 'f';
    private const char Link = 'l';

    private readonly Random _random;
    private readonly SortedDictionary<string, char> _tree = new(StringComparer.Ordinal);

    private readonly Dictionary<string, (int Mode, long Uid, long Gid, long Time)> _attributes = [];

    private RandomLayers(int seed) => _random = new Random(seed);

    /// <summary>The layers of a seed, lowest first.</summary>
    public static byte[][] Of(int seed)
    {
        var layers = new RandomLayers(seed);
        return [.. Enumerable.Range(0, layers._random.Next(2, 7)).Select(_ => layers.Next())];
    }

    private byte[] Next()
    {
        var layer = new HandMadeLayer();
        var mine = new HashSet<string>(StringComparer.Ordinal);
        var before = _tree.ToDictionary();
        for (var steps = _random.Next(5, 40); steps > 0; steps--)
        {
            var path = NewPath();
            if (
                mine.Contains(path)
                || mine.Any(own =>
                    own.StartsWith(path + "/", StringComparison.Ordinal)
                    || (path.StartsWith(own + "/", StringComparison.Ordinal) && _tree.GetValueOrDefault(own) != Folder)
                )
            )
            {
                continue;
            }

            switch (_random.Next(10))
            {
                case < 3:
                    layer.Directory(path, Mode(), Id(), Id(), Time());
                    if (_tree.GetValueOrDefault(path) != Folder)
                    {
                        Put(path, Folder);
                    }

                    break;
                case < 6:
                    var (mode, uid, gid, time) = _attributes[path] = (Mode(), Id(), Id(), Time());
                    layer.File(path, $"{path} {steps}", mode, uid, gid, time);
                    Put(path, File);
                    break;
                case < 7:
                    layer.SymbolicLink(path, _random.Next(2) == 0 ? "/" + NewPath() : NewPath());
                    Put(path, Link);
                    break;
                case < 8 when mine.Where(own => _tree.GetValueOrDefault(own) == File).ToList() is { Count: > 0 } files:
                    var target = files[_random.Next(files.Count)];
                    (mode, uid, gid, time) = _attributes[target];
                    layer.Fifo(path + ".pipe").HardLink(path + ".hard", target, mode, uid, gid, time);
                    mine.UnionWith([path + ".pipe", path + ".hard"]);
                    Put(path + ".pipe", Link);
                    Put(path + ".hard", Link);
                    continue;
                case < 9 when before.ContainsKey(path) && _tree.ContainsKey(path):
                    layer.Whiteout(path);
                    Remove(path);
                    break;
                case 9
                    when before.GetValueOrDefault(path) == Folder
                        && _tree.GetValueOrDefault(path) == Folder
                        && !mine.Any(own => own.StartsWith(path + "/", StringComparison.Ordinal)):
                    layer.Directory(path, Mode(), Id(), Id(), Time()).Opaque(path);
                    Remove(path);
                    Put(path, Folder);
                    break;
                default:
                    continue;
            }

            mine.Add(path);
        }

        return layer.ToTar();
    }

    /// <summary>A path whose folder is there, or the root.</summary>
    private string NewPath()
    {
        var folders = _tree.Where(pair => pair.Value == Folder).Select(pair => pair.Key + "/").Append("").ToList();
        return folders[_random.Next(folders.Count)] + (char)('a' + _random.Next(5));
    }

    private void Put(string path, char kind)
    {
        Remove(path);
        _tree[path] = kind;
    }

    private void Remove(string path)
    {
        foreach (
            var gone in _tree
                .Keys.Where(other => other == path || other.StartsWith(path + "/", StringComparison.Ordinal))
                .ToList()
        )
        {
            _tree.Remove(gone);
        }
    }

    private int Mode() => 0x1c0 | _random.Next(0x40);

    private long Id() => _random.Next(4) * 1000;

    private long Time() => HandMadeLayer.SomeTime + _random.Next(1000);
}
