using System.Buffers.Binary;
using System.Text;

namespace ImageTarTasks.Tests.Tar;

/// <summary>
/// Builds tars block by block, right or wrong as a test needs them; independent of the product's writer.
/// </summary>
internal sealed class RawTar
{
    private readonly List<byte> _bytes = [];

    public static byte[] Header(
        string name,
        char type = '0',
        long size = 0,
        string link = "",
        string magic = "ustar\000",
        string prefix = "",
        Action<byte[]>? change = null
    )
    {
        var block = new byte[512];
        Put(block, 0, name);
        Put(block, 100, "0000644\0");
        Put(block, 108, "0000000\0");
        Put(block, 116, "0000000\0");
        Put(block, 124, Convert.ToString(size, 8).PadLeft(11, '0') + "\0");
        Put(block, 136, "14524770400\0");
        block[156] = (byte)type;
        Put(block, 157, link);
        Put(block, 257, magic);
        Put(block, 345, prefix);
        change?.Invoke(block);
        return Sealed(block);
    }

    public static byte[] Sealed(byte[] block)
    {
        Put(block, 148, "        ");
        Put(block, 148, Convert.ToString(block.Sum(unit => unit), 8).PadLeft(6, '0') + "\0 ");
        return block;
    }

    public static void Put(byte[] block, int at, string latin1) => Encoding.Latin1.GetBytes(latin1).CopyTo(block, at);

    public static byte[] Base256(long value, int length)
    {
        var field = new byte[length];
        field.AsSpan().Fill(value < 0 ? (byte)0xff : (byte)0);
        BinaryPrimitives.WriteInt64BigEndian(field.AsSpan(length - 8), value);
        field[0] |= 0x80;
        return field;
    }

    public static string Record(string key, string value)
    {
        var rest = key.Length + value.Length + 3;
        var length = rest + 1;
        while (length != rest + length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length)
        {
            length++;
        }

        return $"{length} {key}={value}\n";
    }

    public RawTar Block(byte[] block)
    {
        _bytes.AddRange(block);
        return this;
    }

    /// <summary>Content and its padding; text is Latin-1.</summary>
    public RawTar Data(string content) => Data(Encoding.Latin1.GetBytes(content));

    public RawTar Data(byte[] content)
    {
        _bytes.AddRange(content);
        _bytes.AddRange(new byte[(512 - (content.Length % 512)) % 512]);
        return this;
    }

    public RawTar File(string name, string content = "") => Block(Header(name, size: content.Length)).Data(content);

    public RawTar Pax(params (string Key, string Value)[] records) =>
        PaxText(string.Concat(records.Select(record => Record(record.Key, record.Value))));

    public RawTar PaxText(string records, char type = 'x') =>
        Block(Header("PaxHeaders/x", type, records.Length)).Data(records);

    public RawTar GnuLong(char type, string text) =>
        Block(Header("././@LongLink", type, text.Length + 1, magic: "ustar  \0")).Data(text + "\0");

    public RawTar Zeros(int blocks)
    {
        _bytes.AddRange(new byte[512 * blocks]);
        return this;
    }

    public byte[] End() => Zeros(2).ToArray();

    public byte[] ToArray() => [.. _bytes];
}
