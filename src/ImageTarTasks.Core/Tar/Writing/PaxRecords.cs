using System.Globalization;
using System.Text;

namespace ImageTarTasks.Core.Tar.Writing;

/// <summary>
/// Collects the records of a PAX header and writes them ordered by key; keys are bytes, one per unit.
/// </summary>
internal sealed class PaxRecords
{
    private readonly SortedDictionary<string, byte[]> _records = new(StringComparer.Ordinal);

    public bool IsEmpty => _records.Count == 0;

    public void Add(string key, byte[] value) => _records[key] = value;

    /// <summary>Adds a number the header has no room for.</summary>
    public void AddNumber(string key, long value, long largestInHeader)
    {
        if (value > largestInHeader)
        {
            Add(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>
    /// A time as <c>[-]SECONDS[.FRACTION]</c> without trailing zeros; the fraction counts away from zero.
    /// </summary>
    public static byte[] Time(TarTime time)
    {
        var (sign, seconds, nanoseconds) = (time.Seconds, time.Nanoseconds) switch
        {
            (< 0, 0) => ("-", (decimal)-(Int128)time.Seconds, 0),
            (< 0, _) => ("-", (decimal)(-(Int128)time.Seconds - 1), 1_000_000_000 - time.Nanoseconds),
            _ => ("", time.Seconds, time.Nanoseconds),
        };
        var text = string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}.{nanoseconds:D9}")
            .TrimEnd('0')
            .TrimEnd('.');
        return Encoding.ASCII.GetBytes(text);
    }

    /// <summary>The bytes of all records.</summary>
    public byte[] Finish()
    {
        var bytes = new MemoryStream();
        foreach (var (key, value) in _records)
        {
            // The length includes its own digits.
            var rest = key.Length + value.Length + 3;
            var length = rest + Digits(rest);
            length = rest + Digits(length);
            bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} ")));
            bytes.Write(Encoding.Latin1.GetBytes(key));
            bytes.Write("="u8);
            bytes.Write(value);
            bytes.Write("\n"u8);
        }

        return bytes.ToArray();
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
