using System.Security.Cryptography;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>Reads through: every byte read from <c>source</c> is hashed (sha256), counted and, when asked, copied.</summary>
public sealed class HashingReadStream : ForwardReadStream
{
    private readonly Stream _source;
    private readonly Stream? _copyTo;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Digest? _finished;

    /// <summary>Wraps <paramref name="source"/>, which stays open, as does <paramref name="copyTo"/>.</summary>
    public HashingReadStream(Stream source, Stream? copyTo = null)
    {
        _source = source;
        _copyTo = copyTo;
    }

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override long Position { get => Count; set => throw new NotSupportedException(); }

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

    /// <summary>Reads what is left.</summary>
    public void Drain(CancellationToken cancellation) => StreamCopy.Copy(this, Null, cancellation);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_finished is not null)
        {
            throw new InvalidOperationException("the digest was taken: there is no reading on");
        }

        var read = _source.Read(buffer);
        var bytes = buffer[..read];
        _hash.AppendData(bytes);
        Count += read;
        _copyTo?.Write(bytes);
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
