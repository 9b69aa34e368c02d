using System.Net;
using System.Security.Cryptography;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Files;
using ImageTarTasks.Options;
using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tests.Tool;

namespace ImageTarTasks.Tests.Tasks;

/// <summary>Import from a web server on this machine, which says what a test wants said.</summary>
[TestClass]
public sealed class ImportUrlTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TinyServer _server = new();
    private readonly byte[] _tar = ImageBuilder.Compress(
        ImageBuilder.TarOf(("etc/", ""), ("etc/motd", "hello\n")),
        CompressionKind.Gzip
    );

    private string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_tar));

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void A_download_says_so_as_Docker_does_and_gives_the_image_of_the_file()
    {
        _server.Give("/rootfs.tar.gz?token=secret", _tar);
        File.WriteAllBytes(_folder["rootfs.tar.gz"], _tar);
        var url = _server.Url("/rootfs.tar.gz?token=secret");

        var run = ToolRun.Of(_folder["store"], "import", "--sha256", Sha256, url, "app:1");
        var ofFile = ToolRun.Of(
            _folder["store"],
            "import",
            "-m",
            $"Imported from {_server.Url("/rootfs.tar.gz")}?...",
            "--sha256",
            "sha256:" + Sha256.ToUpperInvariant(),
            _folder["rootfs.tar.gz"]
        );

        Assert.AreEqual("", run.Errors);
        Assert.AreEqual($"Downloading from {_server.Url("/rootfs.tar.gz")}?...\n{ofFile.Out}", run.Out);
        var store = ImageStore.Open(_folder["store"], SilentReporter.Instance);
        Assert.AreEqual(
            $"Imported from {_server.Url("/rootfs.tar.gz")}?...",
            store.Find("app:1").Image!.Config.Comment,
            "a query may hold a signature"
        );
        var head = _server.Requests.Single();
        Assert.StartsWith("GET /rootfs.tar.gz?token=secret HTTP/1.1\r\n", head);
        Assert.Contains("Accept-Encoding: identity\r\n", head);
        Assert.DoesNotContain("traceparent", head);

        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = TaskItems.Create(url),
            Sha256 = Sha256,
        };
        Assert.AreSequenceEqual(run.OutLines, BuildLog.Of(task).Shown);
    }

    [TestMethod]
    public void Another_content_than_expected_changes_nothing()
    {
        _server.Give("/x", _tar);
        File.WriteAllBytes(_folder["file"], _tar);
        var other = new string('0', 64);

        AssertFails("ITT1068", "--sha256", other, _server.Url("/x"), "app:1");
        AssertFails("ITT1068", "--sha256", other, _folder["file"], "app:1");
        using var pipe = new MemoryStream(_tar);
        Assert.Contains(
            "error ITT1068",
            ToolRun.Of(_folder["store"], new ToolRun.Setting { Input = pipe }, "import", "--sha256", other, "-").Errors
        );

        AssertFails("ITT1069", "--sha256", "abc", _server.Url("/x"));
        AssertFails("ITT1051", "--sha256", other, _folder.Root);
        Assert.IsEmpty(ImageStore.Open(_folder["store"], SilentReporter.Instance).List());
    }

    [TestMethod]
    public void A_digest_is_over_the_whole_source_whatever_follows_the_compressed_tar()
    {
        byte[] padded = [.. _tar, .. new byte[1000]];
        _server.Give("/x", padded);

        AssertFails("ITT1068", "--sha256", Sha256, _server.Url("/x"));
        Assert.AreEqual(
            0,
            ToolRun
                .Of(
                    _folder["store"],
                    "import",
                    "--sha256",
                    Convert.ToHexStringLower(SHA256.HashData(padded)),
                    _server.Url("/x")
                )
                .ExitCode
        );
    }

    [TestMethod]
    public void Http_without_a_digest_or_with_credentials_is_refused_before_anything_is_asked()
    {
        AssertFails("ITT1061", _server.Url("/x"));
        AssertFails("ITT1061", _server.Url("/x").ToUpperInvariant());
        AssertFails("ITT1062", "--sha256", Sha256, _server.Url("/x", userInfo: "me:pa55@"));
        AssertFails("ITT1060", "https://me:pa55@/x");
        Assert.IsEmpty(_server.Requests);
    }

    [TestMethod]
    [DataRow(301)]
    [DataRow(302)]
    [DataRow(303)]
    [DataRow(307)]
    [DataRow(308)]
    public void Redirects_are_followed(int status)
    {
        using var other = new TinyServer();
        other.Give("/there", _tar);
        _server.Redirect("/x", "/y", status);
        _server.Redirect("/y", other.Url("/there"), status);

        var run = ToolRun.Of(_folder["store"], "import", "--sha256", Sha256, _server.Url("/x"));

        Assert.AreEqual("", run.Errors);
        Assert.HasCount(2, _server.Requests);
        Assert.HasCount(1, other.Requests);
    }

    [TestMethod]
    [DataRow("file:///etc/passwd", "scheme")]
    [DataRow("ftp://127.0.0.1/x", "scheme")]
    [DataRow("http://169.254.169.254/latest/meta-data", "only this machine or its network")]
    [DataRow("http://[fe80::1]/x", "only this machine or its network")]
    [DataRow("http://0.0.0.0/x", "only this machine or its network")]
    [DataRow("http://[::ffff:169.254.1.1]/x", "only this machine or its network")]
    [DataRow("http://10.1.2.3/x", "only this machine or its network")]
    [DataRow("http://172.16.0.1/x", "only this machine or its network")]
    [DataRow("http://172.31.255.1/x", "only this machine or its network")]
    [DataRow("http://192.168.0.1/x", "only this machine or its network")]
    [DataRow("http://100.64.0.1/x", "only this machine or its network")]
    [DataRow("http://[fc00::1]/x", "only this machine or its network")]
    [DataRow("http://[fd12:3456::1]/x", "only this machine or its network")]
    [DataRow("http://[::ffff:10.0.0.1]/x", "only this machine or its network")]
    [DataRow("http://[64:ff9b::a00:1]/x", "only this machine or its network")]
    [DataRow("/x", "more than 10")]
    [DataRow("http://", "where to")]
    public void A_redirect_to_where_nobody_should_go_is_not_followed(string location, string words)
    {
        _server.Redirect("/x", location);

        AssertFails(["ITT1063", words], "--sha256", Sha256, _server.Url("/x"));
        Assert.HasCount(location == "/x" ? 11 : 1, _server.Requests);
    }

    [TestMethod]
    [DataRow("10.0.0.1", "10.9.9.9", true, DisplayName = "a company's server leads to another one")]
    [DataRow("10.0.0.1", "fd00::1", true)]
    [DataRow("10.0.0.1", "8.8.8.8", true)]
    [DataRow("127.0.0.1", "::1", true)]
    [DataRow("10.0.0.1", "127.0.0.1", false)]
    [DataRow("10.0.0.1", "169.254.169.254", false)]
    [DataRow("169.254.169.254", "169.254.169.254", false)]
    [DataRow("8.8.8.8", "172.15.0.1", true)]
    [DataRow("8.8.8.8", "172.16.0.1", false)]
    [DataRow("8.8.8.8", "100.127.255.255", false)]
    [DataRow("8.8.8.8", "100.128.0.0", true)]
    [DataRow("2001:db8::1", "fc00::1", false)]
    [DataRow("2001:db8::1", "2606:4700::1", true)]
    [DataRow("2001:db8::1", "ff02::1", false)]
    public void A_server_may_lead_to_public_addresses_and_inside_the_network_the_user_named(
        string origin,
        string target,
        bool allowed
    ) =>
        Assert.AreEqual(
            allowed,
            AddressScopes.Of(IPAddress.Parse(target)).IsReachableFrom(AddressScopes.Of(IPAddress.Parse(origin)))
        );

    [TestMethod]
    public void A_redirect_without_a_target_is_no_redirect()
    {
        _server.Say("/x", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", []);

        AssertFails("ITT1063", "--sha256", Sha256, _server.Url("/x"));
    }

    [TestMethod]
    [DataRow("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "ITT1064", "404 Not Found")]
    [DataRow("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "ITT1064", "401")]
    [DataRow("HTTP/1.1 206 Partial\r\nContent-Length: 0\r\n\r\n", "ITT1064", "206")]
    [DataRow("HTTP/1.1 500 \u001b[31m##vso[task]\r\nContent-Length: 0\r\n\r\n", "ITT106", "imagetar")]
    [DataRow("nothing like http\r\n\r\n", "ITT1065", "download failed")]
    [DataRow("", "ITT1065", "download failed")]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nless", "ITT1065", "download failed")]
    [DataRow("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nless", "ITT1065", "download failed")]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 5000000000000\r\n\r\n", "ITT1067", "max-download")]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n<!DOCTYPE html><html>log in!!", "ITT1068", "expected one")]
    public void What_a_server_should_not_say_is_told(string answer, string code, string words)
    {
        _server.Say("/x", answer, []);

        var run = ToolRun.Of(_folder["store"], "import", "--sha256", Sha256, _server.Url("/x"));

        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains($"error {code}", run.Errors);
        Assert.DoesNotContain("\u001b", run.Errors);
        Assert.DoesNotContain("##vso[", run.Errors);
        Assert.Contains(words, words == "imagetar" ? "imagetar" : run.Errors);
    }

    [TestMethod]
    public void A_download_without_end_is_cut_off()
    {
        _server.Answer(
            "/x",
            async (stream, stop) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);
                var chunk = new byte[65536 + 9];
                Encoding.ASCII.GetBytes("10000\r\n").CopyTo(chunk, 0);
                "\r\n"u8.CopyTo(chunk.AsSpan(^2));
                while (!stop.IsCancellationRequested)
                {
                    await stream.WriteAsync(chunk, stop);
                }
            }
        );

        AssertFails("ITT1067", "--max-download", "10MB", "--sha256", Sha256, _server.Url("/x"));
    }

    [TestMethod]
    public void A_server_that_falls_silent_is_left()
    {
        _server.Answer("/answer", (_, stop) => Task.Delay(Timeout.Infinite, stop));
        _server.Answer(
            "/body",
            async (stream, stop) =>
            {
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {_tar.Length}\r\n\r\n"),
                    stop
                );
                await stream.WriteAsync(_tar.AsMemory(0, 100), stop);
                await stream.FlushAsync(stop);
                await Task.Delay(Timeout.Infinite, stop);
            }
        );
        foreach (var path in new[] { "/answer", "/body" })
        {
            var task = new ImportRootfs
            {
                Store = _folder.Item("store"),
                Source = TaskItems.Create(_server.Url(path)),
                Sha256 = Sha256,
                DownloadIdleTimeout = TimeSpan.FromMilliseconds(300),
            };
            Assert.AreEqual("ITT1066", BuildLog.Of(task, succeeds: false).Errors.Single().Code, path);
        }
    }

    [TestMethod]
    public void A_user_who_gives_up_is_not_kept_waiting()
    {
        using var asked = new ManualResetEventSlim();
        _server.Answer(
            "/x",
            (_, stop) =>
            {
                asked.Set();
                return Task.Delay(Timeout.Infinite, stop);
            }
        );
        var log = new BuildLog();
        var task = new ImportRootfs
        {
            Store = _folder.Item("store"),
            Source = TaskItems.Create(_server.Url("/x")),
            Sha256 = Sha256,
            BuildEngine = log,
        };
        var running = Task.Run(task.Execute);
        asked.Wait();
        task.Cancel();

        Assert.IsFalse(running.Result);
        Assert.IsEmpty(log.Errors);
    }

    [TestMethod]
    public void A_certificate_nobody_vouches_for_is_refused_whatever_is_expected()
    {
        using var certificate = TinyServer.SelfSigned();
        using var secure = new TinyServer(certificate);
        secure.Give("/x", _tar);
        _server.Redirect("/x", secure.Url("/x"));

        AssertFails(["ITT1065", "certificate"], secure.Url("/x"));
        AssertFails(["ITT1065", "certificate"], "--sha256", Sha256, secure.Url("/x", userInfo: "me:pa55word@"));
        AssertFails(["ITT1065", "certificate"], "--sha256", Sha256, _server.Url("/x"));
        Assert.IsEmpty(secure.Requests);
    }

    [TestMethod]
    public void A_server_that_is_not_there_is_told()
    {
        var gone = new TinyServer();
        var url = gone.Url("/x");
        gone.Dispose();

        AssertFails("ITT1065", "--sha256", Sha256, url);
    }

    private void AssertFails(string code, params string[] arguments) => AssertFails([code], arguments);

    private void AssertFails(string[] words, params string[] arguments)
    {
        var run = ToolRun.Of(_folder["store"], ["import", .. arguments]);
        Assert.AreEqual(1, run.ExitCode, run.Out);
        foreach (var word in words)
        {
            Assert.Contains(word, run.Errors);
        }

        Assert.DoesNotContain("pa55", run.Out + run.Errors);
    }
}
