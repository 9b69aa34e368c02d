using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Files;

/// <summary>
/// The content of a download, as it arrives: no more than allowed, and with patience for each part of it.
/// </summary>
internal sealed class DownloadStream : ForwardReadStream
{
    private readonly Download _download;
    private readonly HttpResponseMessage _response;
    private readonly Stream _content;
    private readonly DownloadOptions _options;
    private readonly ITaskReporter _reporter;
    private readonly CancellationTokenSource _timeout;
    private readonly string _step;
    private readonly long? _contentLength;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _bufferPosition;
    private int _bufferLength;
    private long _received;

    /// <summary>Takes the answer to a request, and the download it belongs to.</summary>
    /// <exception cref="ImageTarException">ITT1067: the server announces more than is allowed.</exception>
    public DownloadStream(
        Download download,
        HttpResponseMessage response,
        Uri requestedUrl,
        DownloadOptions options,
        ITaskReporter reporter,
        CancellationToken cancellationToken
    )
    {
        _download = download;
        _response = response;
        _options = options;
        _reporter = reporter;
        DisplayUrl = Download.Redact(requestedUrl);
        _step = requestedUrl.Segments[^1] is { Length: > 1 } file
            ? UntrustedText.Show(Uri.UnescapeDataString(file))
            : requestedUrl.IdnHost;
        _contentLength = response.Content.Headers.ContentLength;
        if (_contentLength > options.MaxBytes)
        {
            response.Dispose();
            throw DownloadDiagnostics.DownloadTooLarge(DisplayUrl, options.MaxBytes);
        }

        _content = response.Content.ReadAsStream(cancellationToken);
        _timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>The URL the user gave, for messages.</summary>
    public string DisplayUrl { get; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_bufferPosition == _bufferLength)
        {
            _bufferLength = FillBuffer();
            _bufferPosition = 0;
            _received += _bufferLength;
            if (_received > _options.MaxBytes)
            {
                throw DownloadDiagnostics.DownloadTooLarge(DisplayUrl, _options.MaxBytes);
            }

            _reporter.Progress(_step, "Downloading", _received, _contentLength);
        }

        var taken = Math.Min(buffer.Length, _bufferLength - _bufferPosition);
        _buffer.AsSpan(_bufferPosition, taken).CopyTo(buffer);
        _bufferPosition += taken;
        return taken;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            _response.Dispose();
            _timeout.Dispose();
            _download.Dispose();
        }

        base.Dispose(disposing);
    }

    private int FillBuffer()
    {
        _timeout.CancelAfter(_options.IdleTimeout);
        var read = _download.TranslateExceptions(
            DisplayUrl,
            () => _content.ReadAsync(_buffer, _timeout.Token).AsTask().GetAwaiter().GetResult()
        );
        _timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        return read;
    }
}
