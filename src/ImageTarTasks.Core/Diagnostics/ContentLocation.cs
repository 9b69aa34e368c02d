using System.Globalization;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Diagnostics;

/// <summary>A location in the input: the file, the member of the archive, the entry of the layer, the offset.</summary>
/// <param name="File">The path the user gave, or <c>stdin</c>, or a path in a store.</param>
/// <param name="Member">The member of the archive or the digest of the blob; null for the archive itself.</param>
/// <param name="Entry">The entry inside a layer that is itself a tar, or null.</param>
/// <param name="Offset">
/// Bytes from the start of the stream being read (of the member's plain tar when it is a layer).
/// </param>
public sealed record ContentLocation(
    string File,
    ByteString? Member = null,
    ByteString? Entry = null,
    long? Offset = null
)
{
    /// <summary>
    /// The same place, one level down: a member of an archive, or an entry when this already is a member.
    /// </summary>
    public ContentLocation In(ByteString name) =>
        Member is null ? this with { Member = name, Offset = null } : this with { Entry = name, Offset = null };

    /// <summary>The same place, one level down.</summary>
    public ContentLocation In(string name) => In(ByteString.FromText(name));

    /// <summary>The same place at an offset.</summary>
    public ContentLocation At(long offset) => this with { Offset = offset };

    /// <summary>
    /// Everything except the file, for the end of a message: <c>(member "x", entry "y", offset 512)</c>; empty when
    /// there is nothing.
    /// </summary>
    public string Detail
    {
        get
        {
            var parts = new List<string>(3);
            if (Member is { } member)
            {
                parts.Add($"member \"{member}\"");
            }

            if (Entry is { } entry)
            {
                parts.Add($"entry \"{entry}\"");
            }

            if (Offset is { } offset)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"offset {offset}"));
            }

            return parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => UntrustedText.Show(File) + Detail;
}
