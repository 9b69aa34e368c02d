namespace ImageTarTasks.InteropTests.Support;

/// <summary>What a file system may do with changes that nobody has synced when the power fails.</summary>
internal enum Disk
{
    /// <summary>Names and contents that were not synced are lost.</summary>
    LosesAll,

    /// <summary>As the first, but changes of names of blobs are kept: a disk may keep those of one folder alone.</summary>
    KeepsNamesOfBlobs,

    /// <summary>The other way round: changes of names of blobs are lost, all others are kept.</summary>
    LosesNamesOfBlobs,

    /// <summary>All names are kept. Contents that were not synced are empty.</summary>
    KeepsNames,

    /// <summary>All names are kept. Of contents that were not synced, the first half is.</summary>
    KeepsHalves,
}

/// <summary>
/// A folder on a disk whose power fails: what was written and renamed, and what of it is durable. POSIX promises no more
/// than this: a sync of a file keeps its content, a sync of a folder keeps the names in it.
/// </summary>
internal sealed class LostPower
{
    private readonly Dictionary<string, Node> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _durable;

    /// <summary>Begins with a folder that is all on the disk.</summary>
    public LostPower(string folder)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
        {
            var isFolder = Directory.Exists(path);
            var content = isFolder ? [] : File.ReadAllBytes(path);
            _names.Add(
                Path.GetRelativePath(folder, path),
                new Node
                {
                    IsFolder = isFolder,
                    Content = content,
                    Synced = content,
                }
            );
        }

        _durable = new Dictionary<string, Node>(_names, StringComparer.Ordinal);
    }

    /// <summary>Makes a change.</summary>
    public void Apply(Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Create:
                _names.TryAdd(operation.Path, new Node());
                break;
            case OperationKind.MakeFolder:
                _names.TryAdd(operation.Path, new Node { IsFolder = true });
                break;
            case OperationKind.Write when _names.TryGetValue(operation.Path, out var written):
                var content = new byte[Math.Max(written.Content.Length, operation.Offset + operation.Content!.Length)];
                written.Content.CopyTo(content, 0);
                operation.Content.CopyTo(content, operation.Offset);
                written.Content = content;
                break;
            case OperationKind.Truncate:
                Array.Resize(ref _names[operation.Path].Content, (int)operation.Offset);
                break;
            case OperationKind.Sync:
                Sync(operation.Path);
                break;
            case OperationKind.Rename:
                _names.Remove(operation.Path, out var moved);
                _names[operation.Target] = moved!;
                break;
            case OperationKind.Link:
                _names.Add(operation.Target, _names[operation.Path]);
                break;
            case OperationKind.Unlink or OperationKind.RemoveFolder:
                _names.Remove(operation.Path);
                break;
        }
    }

    /// <summary>Writes what the disk has after the power failed.</summary>
    public void Write(string folder, Disk disk)
    {
        Directory.CreateDirectory(folder);
        var names = _durable.Where(name => !IsKept(name.Key)).Concat(_names.Where(name => IsKept(name.Key)));
        foreach (var (path, node) in names.OrderBy(name => name.Key, StringComparer.Ordinal))
        {
            var target = Path.Combine(folder, path);
            if (!Directory.Exists(Path.GetDirectoryName(target)))
            {
                // The folder around it is lost.
                continue;
            }

            if (node.IsFolder)
            {
                Directory.CreateDirectory(target);
            }
            else
            {
                File.WriteAllBytes(
                    target,
                    node.Synced ?? (disk == Disk.KeepsHalves ? node.Content[..(node.Content.Length / 2)] : [])
                );
            }
        }

        bool IsKept(string name) =>
            disk switch
            {
                Disk.LosesAll => false,
                Disk.KeepsNamesOfBlobs => name.StartsWith("blobs/", StringComparison.Ordinal),
                Disk.LosesNamesOfBlobs => !name.StartsWith("blobs/", StringComparison.Ordinal),
                _ => true,
            };
    }

    private void Sync(string path)
    {
        if (path.Length > 0 && !_names[path].IsFolder)
        {
            _names[path].Synced = _names[path].Content;
            return;
        }

        foreach (var name in _durable.Keys.Where(IsInside).ToArray())
        {
            _durable.Remove(name);
        }

        foreach (var (name, node) in _names.Where(entry => IsInside(entry.Key)))
        {
            _durable[name] = node;
        }

        bool IsInside(string name) => (Path.GetDirectoryName(name) ?? "") == path;
    }

    private sealed class Node
    {
        public byte[] Content = [];

        public bool IsFolder { get; init; }

        /// <summary>What is on the disk for sure; null when nothing is.</summary>
        public byte[]? Synced { get; set; }
    }
}
