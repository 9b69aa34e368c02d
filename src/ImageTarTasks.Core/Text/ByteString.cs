using System.Text;

namespace ImageTarTasks.Core.Text;

/// <summary>
/// A string of bytes, kept as one byte for each UTF-16 unit (Latin-1). Names in archives have no declared encoding and
/// must survive unchanged, so they are never decoded. Equality and order are those of the bytes.
/// </summary>
public readonly struct ByteString : IEquatable<ByteString>, IComparable<ByteString>
{
    private readonly string? _units;

    private ByteString(string units) => _units = units;

    /// <summary>The bytes as UTF-16 units 0..255; for keys and splitting, never for display.</summary>
    public string Units => _units ?? "";

    /// <summary>The number of bytes.</summary>
    public int Length => Units.Length;

    /// <summary>Whether the string is empty.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public static ByteString FromBytes(ReadOnlySpan<byte> bytes) => new(Encoding.Latin1.GetString(bytes));

    /// <summary>The UTF-8 bytes of <paramref name="text"/>.</summary>
    public static ByteString FromText(string text) => FromBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>Wraps units that are already bytes, such as a slice of <see cref="Units"/>.</summary>
    /// <exception cref="ArgumentException">A unit is above 255.</exception>
    public static ByteString FromUnits(string units)
    {
        foreach (var unit in units)
        {
            if (unit > 0xff)
            {
                throw new ArgumentException("not bytes: a unit is above 255", nameof(units));
            }
        }

        return new(units);
    }

    /// <summary>The bytes themselves.</summary>
    public byte[] ToBytes() => Encoding.Latin1.GetBytes(Units);

    /// <summary>
    /// The bytes read as UTF-8, invalid ones replaced. For names that must be text (members of an archive, JSON).
    /// </summary>
    public string ToText() => Encoding.UTF8.GetString(ToBytes());

    /// <summary>Whether the bytes begin with the ASCII text <paramref name="prefix"/>.</summary>
    public bool StartsWith(string prefix) => Units.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>Order by bytes.</summary>
    public int CompareTo(ByteString other) => string.CompareOrdinal(Units, other.Units);

    /// <inheritdoc/>
    public bool Equals(ByteString other) => string.Equals(Units, other.Units, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Units, StringComparison.Ordinal);

    /// <summary>The text with everything dangerous escaped: safe for messages (<see cref="UntrustedText"/>).</summary>
    public override string ToString() => UntrustedText.Show(ToBytes());

    /// <summary>Same bytes.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    /// <summary>Order by bytes.</summary>
    public static bool operator <(ByteString left, ByteString right) => left.CompareTo(right) < 0;

    /// <summary>Order by bytes.</summary>
    public static bool operator >(ByteString left, ByteString right) => left.CompareTo(right) > 0;

    /// <summary>Order by bytes.</summary>
    public static bool operator <=(ByteString left, ByteString right) => left.CompareTo(right) <= 0;

    /// <summary>Order by bytes.</summary>
    public static bool operator >=(ByteString left, ByteString right) => left.CompareTo(right) >= 0;
}
