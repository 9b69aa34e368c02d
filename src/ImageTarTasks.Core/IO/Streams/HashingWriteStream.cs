using System.Security.Cryptography;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>Writes through, and knows the sha256 and the number of the bytes. The stream below stays open.</summary>
public sealed class HashingWriteStream(Stream inner) : ForwardWriteStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes written.</summary>
    public long Count { get; private set; }

    /// <summary>The sha256 of the written bytes. Nothing may be written afterwards.</summary>
    public Digest Finish() => Digest.FromHash(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.AppendData(buffer);
        Count += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
