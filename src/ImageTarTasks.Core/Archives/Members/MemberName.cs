using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Archives.Members;

/// <summary>
/// Names of members as keys. They are never paths and never open anything. <c>./a</c>, <c>a/</c> and <c>a//</c> are the
/// key <c>a</c>. A name that is absolute or has a <c>..</c> has no key.
/// </summary>
internal static class MemberName
{
    /// <summary>The key of a member's name, or null when it can be none.</summary>
    public static ByteString? Normalize(ByteString name)
    {
        var units = name.Units;
        if (units.StartsWith('/'))
        {
            return null;
        }

        var parts = units.Split('/').Where(part => part.Length > 0 && part != ".").ToArray();
        return parts.Length == 0 || parts.Contains("..", StringComparer.Ordinal)
            ? null
            : ByteString.FromUnits(string.Join('/', parts));
    }

    /// <summary>Whether a name would be a place outside of the folder an archive is unpacked to.</summary>
    public static bool LeadsOut(ByteString name) =>
        name.StartsWith("/") || name.Units.Split('/').Contains("..", StringComparer.Ordinal);

    /// <summary>The key of a name found in a JSON document, or null when it can be none.</summary>
    public static ByteString? Normalize(string name) => Normalize(ByteString.FromText(name));

    /// <summary>
    /// The key a symbolic link leads to, seen from the folder that contains the link; null when it is outside the
    /// archive.
    /// </summary>
    public static ByteString? Follow(ByteString link, ByteString target)
    {
        if (target.Units.StartsWith('/'))
        {
            return null;
        }

        var place = link.Units.Split('/').SkipLast(1).ToList();
        foreach (var part in target.Units.Split('/'))
        {
            if (part == "..")
            {
                if (place.Count == 0)
                {
                    return null;
                }

                place.RemoveAt(place.Count - 1);
            }
            else if (part.Length > 0 && part != ".")
            {
                place.Add(part);
            }
        }

        return place.Count == 0 ? null : ByteString.FromUnits(string.Join('/', place));
    }
}
