using System.Diagnostics;
using ImageTarTasks.Core.Archives.Delta;
using ImageTarTasks.Core.Archives.Members;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Oci;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Store.Writing;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.Archives.Contents;

/// <summary>
/// The content of an archive after reading it once: small documents in memory, everything else staged, both found by
/// member name.
/// </summary>
internal sealed class ArchiveContents(IBlobIngester ingester, ContentLocation location)
{
    private readonly Dictionary<ByteString, MemberContent> _members = [];

    /// <summary>The content found under one name.</summary>
    private abstract record MemberContent;

    /// <summary>A document; null bytes when it is too large to be one.</summary>
    private sealed record Document(ReadOnlyMemory<byte>? Bytes) : MemberContent;

    private sealed record Blob(StagedBlob Staged) : MemberContent;

    /// <summary>A link to another member. Its target is null when it leads out of the archive.</summary>
    private sealed record Link(ByteString? Target) : MemberContent;

    private sealed record Other(MemberKind Kind) : MemberContent;

    /// <summary>A blob that a delta archive leaves out, because the store has it.</summary>
    private sealed record LeftOut(Descriptor Descriptor) : MemberContent;

    /// <summary>Two members that differ.</summary>
    private sealed record Conflict : MemberContent;

    /// <summary>The archive, for messages.</summary>
    public ContentLocation Location { get; } = location;

    /// <summary>Whether the archive has no members.</summary>
    public bool IsEmpty => _members.Count == 0;

    /// <summary>The names of all members.</summary>
    public IEnumerable<ByteString> Names => _members.Keys;

    /// <summary>Whether the archive has a member of that name, of any kind.</summary>
    public bool Has(string name) => Has(ByteString.FromText(name));

    /// <summary>Whether the archive has a member of that name, of any kind.</summary>
    public bool Has(ByteString name) => _members.ContainsKey(name);

    /// <summary>
    /// Whether a layer is rightly absent: it is foreign, and the archive has no such blob. An image with such a layer
    /// is complete.
    /// </summary>
    public bool LacksForeignLayer(Descriptor layer) => layer.IsForeignLayer && !Has(OciLayout.PathOf(layer.Digest));

    public void AddDocument(ByteString name, ReadOnlyMemory<byte>? bytes) => Add(name, new Document(bytes));

    public void AddBlob(ByteString name, StagedBlob blob) => Add(name, new Blob(blob));

    public void AddLink(ByteString name, ByteString? target) => Add(name, new Link(target));

    public void AddOther(ByteString name, MemberKind kind) => Add(name, new Other(kind));

    /// <summary>
    /// Adds a blob that a delta archive leaves out as if it were a member. Its content is read from the store on
    /// demand.
    /// </summary>
    public void AddLeftOut(Descriptor blob) =>
        _members.TryAdd(ByteString.FromText(OciLayout.PathOf(blob.Digest)), new LeftOut(blob));

    /// <summary>The bytes of the document <paramref name="name"/>; null when there is no such member.</summary>
    /// <exception cref="ImageTarException">ITT2208, ITT2209, ITT2301.</exception>
    public ReadOnlyMemory<byte>? ReadDocument(string name)
    {
        var key = ByteString.FromText(name);
        if (!Has(key))
        {
            return null;
        }

        return Resolve(key) switch
        {
            Document document => document.Bytes ?? throw DocumentDiagnostics.DocumentTooLarge(name, Location.In(key)),
            Blob blob => Read(blob.Staged, name, key),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The content under a name that some document gives.</summary>
    /// <param name="name">A key.</param>
    /// <param name="wantedBy">The document and field that name it.</param>
    /// <exception cref="ImageTarException">ITT2206, ITT2208, ITT2209, ITT2301.</exception>
    public StagedBlob GetBlob(ByteString name, string wantedBy)
    {
        if (!Has(name))
        {
            throw ArchiveDiagnostics.MemberMissing(wantedBy, name.ToText(), Location);
        }

        return Resolve(name) switch
        {
            Blob blob => blob.Staged,
            Document { Bytes: { } bytes } => ingester.Stage(bytes),
            Document => throw DocumentDiagnostics.DocumentTooLarge("document", Location.In(name)),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The bytes of a staged document.</summary>
    /// <exception cref="ImageTarException">ITT2301.</exception>
    public ReadOnlyMemory<byte> Read(StagedBlob blob, string role, ByteString name) =>
        blob.Size > Limits.JsonBytes
            ? throw DocumentDiagnostics.DocumentTooLarge(role, Location.In(name))
            : ingester.Read(blob);

    /// <summary>
    /// Checks members that no document needs to name: different members of one name, blobs whose digest differs from
    /// their path, links that lead out of the archive.
    /// </summary>
    public void CheckAllMembers(ErrorPolicy errorPolicy)
    {
        foreach (var (name, found) in _members)
        {
            errorPolicy.TryRun(() => Find(name, found));
        }
    }

    /// <summary>Leaves out a document that is here without anything it refers to.</summary>
    public void LeaveOut(StagedBlob document) => ingester.Discard(document);

    private void Find(ByteString name, MemberContent found)
    {
        switch (found)
        {
            case Conflict or Link { Target: null }:
                Resolve(name);
                break;
            case Blob blob when OciLayout.DigestOf(name) is { } stated && stated != blob.Staged.Digest:
                throw ArchiveDiagnostics.BlobPathMismatch(stated, blob.Staged.Digest, Location.In(name));
        }
    }

    private void Add(ByteString name, MemberContent found)
    {
        if (!_members.TryGetValue(name, out var before))
        {
            _members.Add(name, found);
            return;
        }

        // The SDK writes a base layer that several platforms share once for each of them: the same again is harmless.
        var same = (before, found) switch
        {
            (Document { Bytes: { } first }, Document { Bytes: { } second }) => first.Span.SequenceEqual(second.Span),
            (Blob first, Blob second) => first.Staged.Digest == second.Staged.Digest,
            (Link or Other, _) => before.Equals(found),
            _ => false,
        };
        if (!same)
        {
            _members[name] = new Conflict();
        }
    }

    private StagedBlob Complete(Descriptor blob)
    {
        // Its index suffices while the file is the one that was verified when it came in. Otherwise the blob is read
        // again.
        if (
            (
                ingester.TryReuseLayer(blob.Digest, blob.Size)
                ?? (ingester.Has(blob) ? ingester.TryAdopt(blob.Digest) : null)
            ) is
            { } there
        )
        {
            return there;
        }

        var missing = _members
            .Values.OfType<LeftOut>()
            .Select(lacking => lacking.Descriptor)
            .Where(other => other.Digest == blob.Digest || !ingester.Has(other));
        throw ArchiveDiagnostics.DeltaIncomplete(
            missing.Select(other => other.Digest).Order().ToArray(),
            Location.In(DeltaDocument.FileName)
        );
    }

    /// <summary>The document or blob behind a name, links followed within the archive.</summary>
    private MemberContent Resolve(ByteString name)
    {
        var at = name;
        for (var hops = 0; hops <= Limits.SymlinkHops; hops++)
        {
            if (!_members.TryGetValue(at, out var found))
            {
                throw ArchiveDiagnostics.MemberNotAFile(
                    name.ToText(),
                    $"a link to \"{at}\", which is not in the archive",
                    Location.In(name)
                );
            }

            switch (found)
            {
                case Document or Blob:
                    return found;
                case LeftOut lacking:
                    return _members[at] = new Blob(Complete(lacking.Descriptor));
                case Link { Target: { } target }:
                    at = target;
                    break;
                case Link:
                    throw ArchiveDiagnostics.MemberNotAFile(
                        name.ToText(),
                        "a link that leads out of the archive",
                        Location.In(name)
                    );
                case Conflict:
                    throw ArchiveDiagnostics.MemberConflict(at.ToText(), Location.In(at));
                case Other { Kind: MemberKind.Directory }:
                    throw ArchiveDiagnostics.MemberNotAFile(name.ToText(), "a directory", Location.In(name));
                default:
                    throw ArchiveDiagnostics.MemberNotAFile(
                        name.ToText(),
                        "a device, FIFO or socket",
                        Location.In(name)
                    );
            }
        }

        throw ArchiveDiagnostics.MemberNotAFile(name.ToText(), "a link in a circle of links", Location.In(name));
    }
}
