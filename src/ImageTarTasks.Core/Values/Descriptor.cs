namespace ImageTarTasks.Core.Values;

/// <summary>
/// A reference to content (image-spec descriptor.md). Immutable. Two descriptors with the same <see cref="Digest"/>
/// have the same content.
/// </summary>
/// <param name="MediaType">The type of the content.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its length in bytes.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>Annotations in their order of the document; empty when none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Annotations { get; init; } = [];

    /// <summary>The platform an index states for its child, or null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The artifact type, or null.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Addresses from which the content can be had, in their order; empty when none.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>
    /// Whether this is a foreign layer: its publisher distributes it, at <see cref="Urls"/>, so archives and stores may
    /// lack it. skopeo decides by the addresses and ignores the media type, and so does this.
    /// </summary>
    public bool IsForeignLayer => Urls.Count > 0 && MediaTypes.IsLayer(MediaType);

    /// <summary>The value of an annotation, or null.</summary>
    public string? Annotation(string key) => Annotations.LastOrDefault(a => a.Key == key).Value;

    /// <summary>
    /// The annotation by which BuildKit's attestation names the manifest of the same index that it is about.
    /// </summary>
    public const string AttestedDigestKey = "vnd.docker.reference.digest";

    /// <summary>
    /// Whether this is an attestation manifest of BuildKit. It describes an image of the index and must never be
    /// unpacked as an image (annotation <c>vnd.docker.reference.type=attestation-manifest</c>, platform
    /// unknown/unknown).
    /// </summary>
    public bool IsAttestation =>
        Annotation("vnd.docker.reference.type") == "attestation-manifest"
        || Platform is { Os: "unknown", Architecture: "unknown" };
}
