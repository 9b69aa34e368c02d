using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ImageTarTasks.Tests.Support;

/// <summary>
/// A web server on this machine that says exactly what a test wants said, however wrong: one request a connection.
/// </summary>
internal sealed class TinyServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, Func<Stream, CancellationToken, Task>> _answers = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;

    /// <param name="certificate">For https; null for http.</param>
    public TinyServer(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>The heads of all requests so far, in their order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The port it listens on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A URL of this server.</summary>
    public string Url(string path, string host = "127.0.0.1", string userInfo = "") =>
        $"{(_certificate is null ? "http" : "https")}://{userInfo}{host}:{Port}{path}";

    /// <summary>Answers 200 with content.</summary>
    public void Give(string path, byte[] content) =>
        Say(path, $"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n", content);

    /// <summary>Answers with a redirect.</summary>
    public void Redirect(string path, string location, int status = 302) =>
        Say(
            path,
            $"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            []
        );

    /// <summary>Answers with these very bytes.</summary>
    public void Say(string path, string head, byte[] content) =>
        Answer(
            path,
            async (stream, stop) =>
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head), stop);
                await stream.WriteAsync(content, stop);
            }
        );

    /// <summary>Answers in any way.</summary>
    public void Answer(string path, Func<Stream, CancellationToken, Task> answer) => _answers[path] = answer;

    /// <summary>A certificate, for this machine when no other name is given, that vouches for itself.</summary>
    public static X509Certificate2 SelfSigned(string? name = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name ?? "localhost");
        if (name is null)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        // The listener last: who begins to wait for a client after it stopped is told that it never started.
        _end.Cancel();
        _serving.Wait();
        _listener.Stop();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                open.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException) { }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var secure = new SslStream(stream);
                    await secure.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = _certificate },
                        _end.Token
                    );
                    stream = secure;
                }

                var head = await ReadHeadAsync(stream);
                if (head.Length == 0)
                {
                    return;
                }

                Requests.Enqueue(head);
                var path = head.Split(' ') is [_, var target, ..] ? target : "";
                if (_answers.TryGetValue(path, out var answer))
                {
                    await answer(stream, _end.Token);
                }
                else
                {
                    await stream.WriteAsync(
                        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(),
                        _end.Token
                    );
                }

                await stream.FlushAsync(_end.Token);
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e)
                when (e
                        is IOException
                            or SocketException
                            or OperationCanceledException
                            or System.Security.Authentication.AuthenticationException
                )
            {
                // The other side gave up, which is what some tests are about.
            }
        }
    }

    private async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (
            !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(one, _end.Token) == 1
        )
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
