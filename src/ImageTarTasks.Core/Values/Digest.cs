using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ImageTarTasks.Core.Text;

namespace ImageTarTasks.Core.Values;

/// <summary>
/// A content address: algorithm and lower-case hex, as in the OCI image-spec, descriptor.md "Digests". Only sha256 (64
/// digits) and sha512 (128 digits) exist; a value of this type has been checked, so it is safe as a file name.
/// </summary>
public readonly record struct Digest : IComparable<Digest>
{
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>The whole value, <c>sha256:...</c>.</summary>
    public string Value => _text ?? throw new InvalidOperationException("an empty digest was used");

    /// <summary><c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm => Value[..6];

    /// <summary>The hex digits.</summary>
    public string Hex => Value[7..];

    /// <summary>The first 12 hex digits, as tables show them.</summary>
    public string ShortHex => Value[7..19];

    /// <summary>The sha256 of <paramref name="content"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromHash(SHA256.HashData(content));

    /// <summary>Wraps a finished sha256 (32 bytes) or sha512 (64 bytes).</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) =>
        new((hash.Length == 64 ? "sha512:" : "sha256:") + Convert.ToHexStringLower(hash));

    /// <summary>Parses <c>algorithm:hex</c>.</summary>
    /// <exception cref="FormatException">Not a digest; the message is for people.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest)
            ? digest
            : throw new FormatException(
                $"'{UntrustedText.Show(text)}' is not a digest: sha256: and 64, or sha512: and 128, "
                    + $"lower-case hex digits are"
            );

    /// <summary>Parses <c>algorithm:hex</c>; false when <paramref name="text"/> is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
        {
            return false;
        }

        var digits =
            text.StartsWith("sha256:", StringComparison.Ordinal) ? 64
            : text.StartsWith("sha512:", StringComparison.Ordinal) ? 128
            : -1;
        if (digits < 0 || text.Length != 7 + digits || !IsLowerHex(text.AsSpan(7)))
        {
            return false;
        }

        digest = new Digest(text);
        return true;
    }

    /// <summary>Parses hex digits alone, whose number tells the algorithm; false when they are anything else.</summary>
    public static bool TryParseHex(string hex, out Digest digest) =>
        TryParse("sha256:" + hex, out digest) || TryParse("sha512:" + hex, out digest);

    /// <summary>Whether every character is 0-9 or a-f.</summary>
    public static bool IsLowerHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHex);

    /// <summary>A hash of this digest's algorithm, to be fed and compared.</summary>
    public IncrementalHash CreateHash() =>
        IncrementalHash.CreateHash(Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    /// <summary>Ordinal order of the text.</summary>
    public int CompareTo(Digest other) => string.CompareOrdinal(_text, other._text);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
