using System.Security.Cryptography;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Values;

namespace ImageTarTasks.Core.IO.Streams;

/// <summary>
/// Verifies content against its descriptor while it is read: at the end, size and digest must be those of the
/// descriptor.
/// </summary>
internal static class VerifyingStream
{
    /// <summary>
    /// Wraps <paramref name="source"/>, which is closed with the result. A read fails (ITT2302 digest, ITT2303 size) as
    /// soon as the size is exceeded or the end does not match. The read that would return the last byte verifies first.
    /// A caller that has all bytes therefore has the right ones, even when it does not read to the end.
    /// </summary>
    /// <param name="source">The content.</param>
    /// <param name="expected">The descriptor.</param>
    /// <param name="location">The location, for messages.</param>
    /// <param name="onDamage">Called before a read fails because the content does not match.</param>
    public static Stream Open(Stream source, Descriptor expected, ContentLocation location, Action? onDamage = null) =>
        new Verifier(source, expected, location, onDamage);

    private sealed class Verifier(Stream source, Descriptor expected, ContentLocation location, Action? onDamage)
        : ForwardReadStream
    {
        private readonly IncrementalHash _hash = expected.Digest.CreateHash();
        private long _count;
        private bool _verified;

        public override long Position
        {
            get => _count;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (_verified || buffer.IsEmpty)
            {
                return 0;
            }

            var left = expected.Size - _count;
            var read = left == 0 ? 0 : source.Read(left < buffer.Length ? buffer[..(int)left] : buffer);
            if (read == 0 && left > 0)
            {
                throw Damage(IODiagnostics.SizeMismatch(expected.Size, _count, isMore: false, location));
            }

            _hash.AppendData(buffer[..read]);
            _count += read;
            if (_count == expected.Size)
            {
                Verify();
            }

            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
                source.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Verify()
        {
            Span<byte> excess = [0];
            if (source.Read(excess) > 0)
            {
                throw Damage(IODiagnostics.SizeMismatch(expected.Size, _count + 1, isMore: true, location));
            }

            var actual = Digest.FromHash(_hash.GetHashAndReset());
            if (actual != expected.Digest)
            {
                throw Damage(IODiagnostics.DigestMismatch(expected.Digest, actual, location));
            }

            _verified = true;
        }

        private ImageTarException Damage(ImageTarException damage)
        {
            onDamage?.Invoke();
            return damage;
        }
    }
}
