using ImageTarTasks.Values;

namespace ImageTarTasks.Bytes;

/// <summary>Reads through: every byte read from <c>source</c> is hashed (sha256), counted and, when asked, copied.</summary>
public sealed class HashingReadStream : Stream
{
    /// <summary>Wraps <paramref name="source"/>, which stays open.</summary>
    public HashingReadStream(Stream source, Stream? copyTo = null) => throw new NotImplementedException();

    /// <summary>Bytes read so far.</summary>
    public long Count => throw new NotImplementedException();

    /// <summary>The sha256 of all bytes read; reading on is over.</summary>
    public Digest Finish() => throw new NotImplementedException();

    /// <summary>Reads what is left.</summary>
    public void Drain(CancellationToken cancellation) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Checks content against its descriptor while it is read: at the end, size and digest must be the stated ones.</summary>
public static class VerifyingStream
{
    /// <summary>Wraps <paramref name="source"/>. A read fails (ITT2302 digest, ITT2303 size) as soon as the size is exceeded or the end does not match.</summary>
    public static Stream Open(Stream source, Descriptor expected, ContentLocation where) => throw new NotImplementedException();
}
