using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.IO.Streams;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Files;

/// <summary>The content of a download, as it arrives: no more than allowed, and with patience for each part of it.</summary>
internal sealed class DownloadStream : ForwardReadStream
{
    private readonly Download _download;
    private readonly HttpResponseMessage _response;
    private readonly Stream _content;
    private readonly DownloadRules _rules;
    private readonly ITaskReporter _report;
    private readonly CancellationTokenSource _patience;
    private readonly string _step;
    private readonly long? _expected;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _at;
    private int _filled;
    private long _count;

    /// <summary>Takes the answer to a request, and the download it belongs to.</summary>
    /// <exception cref="ImageTarException">ITT1067: the server announces more than is allowed.</exception>
    public DownloadStream(
        Download download, HttpResponseMessage response, Uri asked, DownloadRules rules, ITaskReporter report, CancellationToken cancellation)
    {
        _download = download;
        _response = response;
        _rules = rules;
        _report = report;
        Shown = Download.Shown(asked);
        _step = asked.Segments[^1] is { Length: > 1 } file ? UntrustedText.Show(Uri.UnescapeDataString(file)) : asked.IdnHost;
        _expected = response.Content.Headers.ContentLength;
        if (_expected > rules.MostBytes)
        {
            response.Dispose();
            throw DownloadDiagnostics.DownloadTooLarge(Shown, rules.MostBytes);
        }

        _content = response.Content.ReadAsStream(cancellation);
        _patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <summary>The URL the user gave, for messages.</summary>
    public string Shown { get; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_at == _filled)
        {
            _filled = Fill();
            _at = 0;
            _count += _filled;
            if (_count > _rules.MostBytes)
            {
                throw DownloadDiagnostics.DownloadTooLarge(Shown, _rules.MostBytes);
            }

            _report.Progress(_step, "Downloading", _count, _expected);
        }

        var taken = Math.Min(buffer.Length, _filled - _at);
        _buffer.AsSpan(_at, taken).CopyTo(buffer);
        _at += taken;
        return taken;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            _response.Dispose();
            _patience.Dispose();
            _download.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Fill()
    {
        _patience.CancelAfter(_rules.Idle);
        var read = _download.Translated(Shown, () => _content.ReadAsync(_buffer, _patience.Token).AsTask().GetAwaiter().GetResult());
        _patience.CancelAfter(Timeout.InfiniteTimeSpan);
        return read;
    }
}
