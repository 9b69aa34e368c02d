using System.Security.Cryptography;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>Reads through: every byte read from <paramref name="source"/> is hashed (sha256) and counted.</summary>
/// <param name="source">The stream that is read; it stays open.</param>
internal sealed class HashingReadStream(Stream source) : ForwardReadStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Digest? _finished;

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException();
    }

    /// <summary>The sha256 of all bytes read; reading on is over.</summary>
    public Digest Finish()
    {
        if (_finished is null)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            _hash.GetHashAndReset(hash);
            _finished = Digest.FromHash(hash);
        }

        return _finished.Value;
    }

    /// <summary>Reads the rest of the stream.</summary>
    public void Drain(CancellationToken cancellationToken) => StreamCopy.Copy(this, Null, cancellationToken);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_finished is not null)
        {
            throw new InvalidOperationException("the digest was taken: there is no reading on");
        }

        var read = source.Read(buffer);
        var bytes = buffer[..read];
        _hash.AppendData(bytes);
        Count += read;
        return read;
    }

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
