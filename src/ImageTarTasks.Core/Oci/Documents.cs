using ImageTarTasks.Values;

namespace ImageTarTasks.Oci;

/// <summary>An image manifest (image-spec manifest.md, or Docker's schema 2): the raw bytes and a typed view of them.</summary>
public sealed class ImageManifest
{
    private ImageManifest(ReadOnlyMemory<byte> raw, string mediaType, Descriptor config, IReadOnlyList<Descriptor> layers)
    {
        Raw = raw;
        MediaType = mediaType;
        Config = config;
        Layers = layers;
    }

    /// <summary>The bytes its digest is over.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>OCI or Docker.</summary>
    public string MediaType { get; }

    /// <summary>The configuration's descriptor.</summary>
    public Descriptor Config { get; }

    /// <summary>The layers' descriptors, lowest first.</summary>
    public IReadOnlyList<Descriptor> Layers { get; }

    /// <summary>The descriptor of <see cref="Raw"/>.</summary>
    public Descriptor Descriptor => new(MediaType, Digest.Of(Raw.Span), Raw.Length);

    /// <summary>Whether this describes a root filesystem: its configuration has an image's media type and its layers are layers.</summary>
    public bool IsImage => throw new NotImplementedException();

    /// <summary>Parses strictly: duplicate keys, wrong types, bad digests and sizes, "manifests" beside "layers" are refused.</summary>
    /// <param name="raw">The document.</param>
    /// <param name="mediaType">What the descriptor said, or null; must agree with the document.</param>
    /// <param name="where">For messages.</param>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static ImageManifest Parse(ReadOnlyMemory<byte> raw, string? mediaType, ContentLocation where) => throw new NotImplementedException();

    /// <summary>
    /// Makes an OCI manifest, byte for byte what Docker 25 and later writes for the same image:
    /// <c>{"schemaVersion":2,"mediaType":...,"config":{mediaType,digest,size},"layers":[...]}</c>, no space, no newline.
    /// </summary>
    public static ImageManifest Compose(Descriptor config, IReadOnlyList<Descriptor> layers) => throw new NotImplementedException();
}

/// <summary>An image index (image-spec image-index.md, or Docker's manifest list): the raw bytes and a typed view of them.</summary>
public sealed class ImageIndex
{
    private ImageIndex(ReadOnlyMemory<byte> raw, string mediaType, IReadOnlyList<Descriptor> manifests)
    {
        Raw = raw;
        MediaType = mediaType;
        Manifests = manifests;
    }

    /// <summary>The bytes its digest is over.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>OCI or Docker.</summary>
    public string MediaType { get; }

    /// <summary>The children, in order.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <summary>The descriptor of <see cref="Raw"/>.</summary>
    public Descriptor Descriptor => new(MediaType, Digest.Of(Raw.Span), Raw.Length);

    /// <summary>Parses strictly (also a layout's index.json, for which <paramref name="mediaType"/> is null).</summary>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static ImageIndex Parse(ReadOnlyMemory<byte> raw, string? mediaType, ContentLocation where) => throw new NotImplementedException();

    /// <summary>Makes an OCI index: compact, descriptors with annotations sorted by key, platform when given.</summary>
    public static ImageIndex Compose(IReadOnlyList<Descriptor> manifests) => throw new NotImplementedException();
}

/// <summary>One step of an image's history (image-spec config.md "history").</summary>
/// <param name="Created">When, or null.</param>
/// <param name="CreatedBy">The instruction.</param>
/// <param name="Author">Who.</param>
/// <param name="Comment">A remark.</param>
/// <param name="EmptyLayer">Whether the step made no layer.</param>
public sealed record HistoryEntry(DateTimeOffset? Created, string CreatedBy, string Author, string Comment, bool EmptyLayer);

/// <summary>Health check of a container, durations in nanoseconds, as Docker keeps it in the configuration.</summary>
/// <param name="Test">NONE, CMD or CMD-SHELL and its words.</param>
/// <param name="Interval">Nanoseconds; 0 inherits.</param>
/// <param name="Timeout">Nanoseconds; 0 inherits.</param>
/// <param name="StartPeriod">Nanoseconds; 0 inherits.</param>
/// <param name="StartInterval">Nanoseconds; 0 inherits.</param>
/// <param name="Retries">0 inherits.</param>
public sealed record Healthcheck(IReadOnlyList<string> Test, long Interval, long Timeout, long StartPeriod, long StartInterval, int Retries);

/// <summary>The run-time part of a configuration (<c>config</c>), as the union of OCI's and Docker's fields. Null means not set.</summary>
public sealed record ContainerSettings
{
    /// <summary>The user, or empty.</summary>
    public string User { get; init; } = "";

    /// <summary>Ports such as <c>80/tcp</c>, ordinal order.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary><c>NAME=value</c>, in order.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The entry point.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The default command or arguments.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Mount points, ordinal order.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>The working directory, or empty.</summary>
    public string WorkingDir { get; init; } = "";

    /// <summary>Labels by key, ordinal order.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The signal that stops it, or empty.</summary>
    public string StopSignal { get; init; } = "";

    /// <summary>Triggers for images built on this one.</summary>
    public IReadOnlyList<string> OnBuild { get; init; } = [];

    /// <summary>The health check.</summary>
    public Healthcheck? Healthcheck { get; init; }

    /// <summary>The shell of shell-form commands.</summary>
    public IReadOnlyList<string>? Shell { get; init; }
}

/// <summary>An image configuration (image-spec config.md, Docker's image JSON): the raw bytes and a typed view of them.</summary>
public sealed class ImageConfig
{
    /// <summary>The bytes the image ID is over.</summary>
    public ReadOnlyMemory<byte> Raw => throw new NotImplementedException();

    /// <summary>The image ID.</summary>
    public ImageId Id => throw new NotImplementedException();

    /// <summary>What it runs on; an empty os is linux, as Docker has it.</summary>
    public Platform Platform => throw new NotImplementedException();

    /// <summary>When it was made, or null.</summary>
    public DateTimeOffset? Created => throw new NotImplementedException();

    /// <summary><c>created</c> as it is written, or empty.</summary>
    public string CreatedText => throw new NotImplementedException();

    /// <summary>Who made it, or empty.</summary>
    public string Author => throw new NotImplementedException();

    /// <summary>Docker's comment, or empty.</summary>
    public string Comment => throw new NotImplementedException();

    /// <summary>Docker's version, or empty.</summary>
    public string DockerVersion => throw new NotImplementedException();

    /// <summary>The layers' DiffIDs, lowest first.</summary>
    public IReadOnlyList<DiffId> DiffIds => throw new NotImplementedException();

    /// <summary>The history, oldest first; may be shorter than the layers.</summary>
    public IReadOnlyList<HistoryEntry> History => throw new NotImplementedException();

    /// <summary>The run-time part.</summary>
    public ContainerSettings Settings => throw new NotImplementedException();

    /// <summary>Parses strictly: JSON object, rootfs of type layers, DiffIDs that are digests, history no longer than the layers.</summary>
    /// <exception cref="ImageTarException">ITT23xx.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> raw, ContentLocation where) => throw new NotImplementedException();
}

/// <summary>A layer of an image.</summary>
/// <param name="Descriptor">The blob.</param>
/// <param name="DiffId">Its plain tar.</param>
public readonly record struct Layer(Descriptor Descriptor, DiffId DiffId);

/// <summary>An image for one platform: manifest and configuration, which agree on the number of layers.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Config">The configuration.</param>
public sealed record Image(ImageManifest Manifest, ImageConfig Config)
{
    /// <summary>The image ID.</summary>
    public ImageId Id => Config.Id;

    /// <summary>The layers, lowest first.</summary>
    public IReadOnlyList<Layer> Layers { get; } = Manifest.Layers.Zip(Config.DiffIds, (blob, diffId) => new Layer(blob, diffId)).ToArray();
}
