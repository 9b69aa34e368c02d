using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.GoFormats;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store.Files;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Store.Containers;

/// <summary>The containers of a store: one JSON file each, named by its ID.</summary>
internal sealed partial class ContainerFiles(StoreLayout layout, StoreFiles files, IReporter reporter)
{
    private const string Document = "container file";

    private static readonly string[] Adjectives =
    [
        "amber",
        "brave",
        "calm",
        "clear",
        "crisp",
        "eager",
        "fair",
        "fresh",
        "gentle",
        "golden",
        "keen",
        "light",
        "lucky",
        "merry",
        "mild",
        "neat",
        "quick",
        "quiet",
        "silver",
        "spry",
        "steady",
        "sunny",
        "swift",
        "tidy",
        "warm",
        "wise",
    ];

    private static readonly string[] Nouns =
    [
        "badger",
        "beech",
        "birch",
        "brook",
        "cedar",
        "crane",
        "delta",
        "falcon",
        "fern",
        "finch",
        "harbor",
        "heron",
        "lark",
        "linden",
        "maple",
        "marten",
        "meadow",
        "otter",
        "pine",
        "raven",
        "reed",
        "robin",
        "sparrow",
        "stone",
        "swan",
        "willow",
    ];

    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);

    /// <summary>
    /// All containers. One whose file cannot be read is reported once, and costs the others nothing.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3006: the folder cannot be read.</exception>
    public ContainerSet List()
    {
        if (!Directory.Exists(layout.Containers))
        {
            return ContainerSet.Empty;
        }

        var readable = new List<Container>();
        var broken = new List<BrokenContainer>();
        var folder = layout.Containers;
        using var state = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            var path in StoreFiles
                .Run("list", folder, () => Directory.GetFiles(folder, "*.json"))
                .Order(StringComparer.Ordinal)
        )
        {
            if (Path.GetFileNameWithoutExtension(path) is { } id && IsId(id))
            {
                state.AppendData(Encoding.ASCII.GetBytes(id));
                Read(path, id, readable, broken, state);
            }
        }

        foreach (var container in broken.Where(container => _reported.TryAdd(container.Id, true)))
        {
            reporter.Warn(StoreDiagnostics.ContainerUnreadable(container.DisplayName, container.Reason));
        }

        return new ContainerSet(
            [
                .. readable
                    .OrderByDescending(container => container.Created)
                    .ThenBy(container => container.Id, StringComparer.Ordinal),
            ],
            broken,
            Convert.ToHexStringLower(state.GetHashAndReset())
        );
    }

    /// <summary>Adds a container with a new ID. Under the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3030, ITT3032.</exception>
    public Container Create(string? name, Func<string, string, Container> make)
    {
        var others = List();
        var container = make(
            RandomNumberGenerator.GetHexString(64, lowercase: true),
            name is null ? GenerateName(others) : ValidateName(name, others)
        );
        files.CreateFolder(layout.Containers);
        Write(container);
        return container;
    }

    /// <summary>Gives a container another name. Under the store's lock.</summary>
    /// <exception cref="ImageTarException">ITT3030, ITT3032.</exception>
    public Container Rename(Container container, string name)
    {
        var renamed = container with { Name = ValidateName(name, List()) };
        Write(renamed);
        return renamed;
    }

    /// <summary>Puts a layer on top of the current layers of a container. Under the store's lock.</summary>
    /// <param name="container">The container.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="imageLayers">The number of layers of its image.</param>
    /// <param name="move">Moves the layer's blob into place, after all checks.</param>
    /// <exception cref="ImageTarException">ITT3031: the container is gone; ITT3034: it has too many layers.</exception>
    public Container AddLayer(Container container, Layer layer, int imageLayers, Action move)
    {
        var current = List().Find(container.Id) ?? throw StoreDiagnostics.NoSuchContainer(container.Name);
        if (imageLayers + current.Layers.Count >= Limits.Layers)
        {
            throw StoreDiagnostics.TooManyContainerLayers(current.Name);
        }

        current = current with { Layers = [.. current.Layers, layer] };
        move();
        Write(current);
        return current;
    }

    /// <summary>Replaces the file of a container. Under the store's lock.</summary>
    public void Write(Container container) => files.Replace(layout, layout.Container(container.Id), Compose(container));

    /// <summary>
    /// Removes containers. Under the store's lock. They are gone from the disk before their content may go, so that a
    /// power failure never leaves a container without content.
    /// </summary>
    /// <exception cref="ImageTarException">
    /// ITT3006; ITT3008: they are gone, but a power failure may undo that.
    /// </exception>
    public void Remove(params IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            files.Delete(layout.Container(id));
        }

        if (ids.Count > 0)
        {
            StoreFiles.SyncNames(layout.Containers);
        }
    }

    /// <summary>
    /// Checks that a name is well formed (moby daemon/names/names.go) and not in use. Returns it without Docker's
    /// leading slash.
    /// </summary>
    /// <exception cref="ImageTarException">ITT3030, ITT3032.</exception>
    private static string ValidateName(string name, ContainerSet others)
    {
        name = name.StartsWith('/') ? name[1..] : name;
        if (!NameGrammar().IsMatch(name))
        {
            throw StoreDiagnostics.InvalidContainerName(name);
        }

        return others.OwnerOf(name) is { } owner ? throw StoreDiagnostics.ContainerNameTaken(name, owner) : name;
    }

    private static bool IsId(string text) => text.Length == 64 && Digest.IsLowerHex(text);

    private static string GenerateName(ContainerSet others)
    {
        for (var attempt = 0; ; attempt++)
        {
            var adjective = Adjectives[RandomNumberGenerator.GetInt32(Adjectives.Length)];
            var noun = Nouns[RandomNumberGenerator.GetInt32(Nouns.Length)];
            var suffix = attempt < 8 ? "" : RandomNumberGenerator.GetHexString(8, lowercase: true);
            var name = $"{adjective}_{noun}{suffix}";
            if (others.OwnerOf(name) is null)
            {
                return name;
            }
        }
    }

    private static ReadOnlyMemory<byte> Compose(Container container)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var json = new GoJsonWriter(bytes);
        json.BeginObject();
        json.Name("id").String(container.Id);
        json.Name("name").String(container.Name);
        json.Name("image");
        DescriptorJson.Write(json, container.Image);
        json.Name("imageName").String(container.ImageName);
        json.Name("created").String(GoTime.Format(container.Created));
        json.Name("command").Strings(container.Command);
        json.Name("layers").BeginArray();
        foreach (var layer in container.Layers)
        {
            json.BeginObject();
            json.Name("blob");
            DescriptorJson.Write(json, layer.Descriptor);
            json.Name("diffID").String(layer.DiffId.ToString());
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
        return bytes.WrittenMemory;
    }

    /// <summary>Reads a container, unless another process has removed it in the meantime.</summary>
    private static void Read(
        string path,
        string id,
        List<Container> readable,
        List<BrokenContainer> broken,
        IncrementalHash state
    )
    {
        string? name = null;
        try
        {
            var location = new ContentLocation(path);
            if (StoreFiles.TryReadDocument(path, Document, location) is { } raw)
            {
                state.AppendData(raw.Span);
                var json = StrictJson.Parse(raw, Document, location).Object();
                name = json.Required("name").Text();
                readable.Add(Parse(id, name, json));
            }
        }
        catch (ImageTarException reason)
        {
            broken.Add(new BrokenContainer(id, name, reason));
        }
    }

    private static Container Parse(string id, string name, StrictJson json)
    {
        var created = json.Required("created");
        return new Container(
            id,
            name,
            DescriptorJson.Read(json.Required("image"), Document),
            json.Required("imageName").Text(),
            GoTime.TryParse(created.Text(), out var time)
                ? time
                : throw created.Invalid("it is not a time as RFC 3339 writes it"),
            [.. json.Required("command").Items(int.MaxValue).Select(word => word.Text())],
            [
                .. json.Required("layers")
                    .Items(Limits.Layers)
                    .Select(layer => new Layer(
                        DescriptorJson.Read(layer.Object().Required("blob"), Document),
                        new DiffId(layer.Required("diffID").Digest())
                    )),
            ]
        );
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar();
}
