using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Text;
using ImageTarTasks.Reporting;

namespace ImageTarTasks.Files;

/// <summary>
/// A file on a web server, read as it arrives. Redirects are followed one by one, because each is checked: not from
/// https to http, not to other schemes, not to addresses that only this machine or its cloud can reach. Credentials of
/// the URL go only to the server it names, and into no message. Certificates are always checked.
/// </summary>
internal sealed class Download : IDisposable
{
    private const int MaxRedirects = 10;

    /// <summary>Set on requests that follow a redirect.</summary>
    private static readonly HttpRequestOptionsKey<bool> Redirected = new("imagetar.redirected");

    private readonly HttpClient _client;
    private readonly DownloadOptions _options;
    private readonly ITaskReporter _reporter;
    private readonly CancellationToken _cancellationToken;

    /// <summary>The network of the user's own URL. Its server may lead to others in that network.</summary>
    private AddressScope _origin = AddressScope.Public;

    private Download(DownloadOptions options, ITaskReporter reporter, CancellationToken cancellationToken)
    {
        _options = options;
        _reporter = reporter;
        _cancellationToken = cancellationToken;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.IdleTimeout,
            ConnectCallback = (context, stop) => ConnectAsync(context, stop),
            ActivityHeadersPropagator = null,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(
            new ProductInfoHeaderValue(
                "imagetar",
                typeof(Download)
                    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                    ?.InformationalVersion.Split('+')[0]
                    ?? "0"
            )
        );
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>Whether a source is a URL to download.</summary>
    public static bool IsUrl(string source) =>
        source.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A URL for people: without credentials, and without the query, which may contain a signature.</summary>
    public static string Redact(Uri url) =>
        $"{url.Scheme}://{url.Authority}{url.AbsolutePath}{(url.Query.Length > 0 ? "?..." : "")}";

    /// <summary>Requests a URL and returns the stream of its content, which owns this download.</summary>
    /// <exception cref="ImageTarException">ITT1060 to ITT1066; while reading ITT1065, ITT1066 and ITT1067.</exception>
    public static DownloadStream Open(
        string url,
        DownloadOptions options,
        ITaskReporter reporter,
        CancellationToken cancellationToken
    )
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            // The text cannot be parsed, so its secret parts are unknown.
            throw DownloadDiagnostics.InvalidUrl(
                url.Contains('@', StringComparison.Ordinal)
                    ? url[..(url.IndexOf("//", StringComparison.Ordinal) + 2)] + "..."
                    : url
            );
        }

        if (address.Scheme != Uri.UriSchemeHttps && !options.HasChecksum)
        {
            throw DownloadDiagnostics.UrlWithoutChecksum(Redact(address));
        }

        if (address.Scheme != Uri.UriSchemeHttps && address.UserInfo.Length > 0)
        {
            throw DownloadDiagnostics.CredentialsInClear(Redact(address));
        }

        reporter.Result($"Downloading from {Redact(address)}");
        var download = new Download(options, reporter, cancellationToken);
        try
        {
            return download.FollowRedirects(address);
        }
        catch
        {
            download.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private DownloadStream FollowRedirects(Uri originalUrl)
    {
        var url = originalUrl;
        for (var hops = 0; hops <= MaxRedirects; hops++)
        {
            var response = SendRequest(url, originalUrl, isRedirected: hops > 0);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return new DownloadStream(this, response, originalUrl, _options, _reporter, _cancellationToken);
            }

            using (response)
            {
                if (
                    response.StatusCode
                    is not (
                        HttpStatusCode.MovedPermanently
                        or HttpStatusCode.Found
                        or HttpStatusCode.SeeOther
                        or HttpStatusCode.TemporaryRedirect
                        or HttpStatusCode.PermanentRedirect
                    )
                )
                {
                    throw DownloadDiagnostics.DownloadRefused(
                        Redact(url),
                        (int)response.StatusCode,
                        response.ReasonPhrase ?? ""
                    );
                }

                url = ResolveRedirect(url, response.Headers.Location);
            }
        }

        throw DownloadDiagnostics.RedirectRefused(
            Redact(originalUrl),
            $"there are more than {MaxRedirects.ToString(System.Globalization.CultureInfo.InvariantCulture)} of them"
        );
    }

    private static Uri ResolveRedirect(Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out var to))
        {
            throw DownloadDiagnostics.RedirectRefused(Redact(from), "it does not say where to");
        }

        if (to.Scheme != Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttp)
        {
            throw DownloadDiagnostics.RedirectRefused(
                Redact(from),
                $"it leads to the scheme \"{UntrustedText.Show(to.Scheme)}\""
            );
        }

        return from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp
            ? throw DownloadDiagnostics.RedirectRefused(
                Redact(from),
                $"it leads from https to {Redact(to)}, which anybody on the way can change"
            )
            : to;
    }

    private HttpResponseMessage SendRequest(Uri url, Uri originalUrl, bool isRedirected)
    {
        // Without its credentials: they are a header, and only of requests to the server they are for.
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new UriBuilder(url)
            {
                UserName = "",
                Password = "",
                Fragment = "",
            }.Uri
        );
        if (
            originalUrl.UserInfo.Length > 0
            && (url.Scheme, url.IdnHost, url.Port) == (originalUrl.Scheme, originalUrl.IdnHost, originalUrl.Port)
        )
        {
            var secret = Encoding.UTF8.GetBytes(
                Uri.UnescapeDataString(
                    originalUrl.UserInfo.Contains(':', StringComparison.Ordinal)
                        ? originalUrl.UserInfo
                        : originalUrl.UserInfo + ":"
                )
            );
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(secret));
        }

        if (isRedirected)
        {
            request.Options.Set(Redirected, true);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken);
        patience.CancelAfter(_options.IdleTimeout);
        return TranslateExceptions(
            Redact(url),
            () =>
                _client
                    .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token)
                    .GetAwaiter()
                    .GetResult()
        );
    }

    /// <summary>Runs a step of a download and turns its failures into coded errors.</summary>
    /// <exception cref="ImageTarException">ITT1063, ITT1065, ITT1066.</exception>
    /// <exception cref="OperationCanceledException">The user cancelled.</exception>
    internal T TranslateExceptions<T>(string displayUrl, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            throw DownloadDiagnostics.DownloadStalled(displayUrl, _options.IdleTimeout);
        }
        catch (HttpRequestException e) when (e.InnerException is ImageTarException refused)
        {
            throw refused;
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException or SocketException)
        {
            var cause = e;
            while (cause is not AuthenticationException && cause.InnerException is { } inner)
            {
                cause = inner;
            }

            throw DownloadDiagnostics.DownloadFailed(displayUrl, cause.Message, e);
        }
    }

    /// <summary>
    /// Connects; for a server's redirect not to where only this machine, its network or its cloud's metadata service
    /// listens.
    /// </summary>
    private async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellationToken
    )
    {
        var request = context.InitialRequestMessage;
        var addresses = IPAddress.TryParse(context.DnsEndPoint.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);

        // Behind a proxy the name connected to is the proxy's, and the proxy decides.
        if (request.RequestUri!.IdnHost.Trim('[', ']') == context.DnsEndPoint.Host.Trim('[', ']'))
        {
            var scopes = addresses.Select(AddressScopes.Of).ToArray();
            if (!request.Options.TryGetValue(Redirected, out _))
            {
                _origin = scopes.Max();
            }
            else if (!scopes.All(scope => scope.IsReachableFrom(_origin)))
            {
                throw DownloadDiagnostics.RedirectRefused(
                    Redact(request.RequestUri),
                    "a server leads there, but the address is one that only this machine or its network can mean"
                );
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The limits of a download.</summary>
/// <param name="HasChecksum">
/// Whether the content is compared with a digest the user gave. Only then may it come by http.
/// </param>
/// <param name="MaxBytes">The maximum size.</param>
/// <param name="IdleTimeout">The maximum wait for a connection, an answer, or the next bytes.</param>
internal sealed record DownloadOptions(bool HasChecksum, long MaxBytes, TimeSpan IdleTimeout);
