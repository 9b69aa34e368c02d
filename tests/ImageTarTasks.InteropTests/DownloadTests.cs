using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// The tool downloads from servers whose certificate it is told to trust, as any other program of the system.
/// </summary>
[TestClass]
public sealed class DownloadTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly System.Security.Cryptography.X509Certificates.X509Certificate2 _certificate =
        TinyServer.SelfSigned();

    public DownloadTests() => File.WriteAllText(_folder["ca.pem"], _certificate.ExportCertificatePem());

    public void Dispose()
    {
        _certificate.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Https_needs_no_digest_and_keeps_credentials_where_they_belong()
    {
        using var first = new TinyServer(_certificate);
        using var second = new TinyServer(_certificate);
        var tar = OddLayers.Agreed()[0];
        second.Give("/rootfs.tar", tar);
        first.Redirect("/x", "/y");
        first.Redirect("/y", second.Url("/rootfs.tar", "localhost", "other:secret@"));
        File.WriteAllBytes(_folder["rootfs.tar"], tar);

        var run = Import(first.Url("/x", "localhost", "me:pa%3A55@"));

        var shown = first.Url("/x", "localhost");
        Assert.AreEqual("", run.Error);
        Assert.AreEqual(
            $"Downloading from {shown}\n",
            run.Output[..(run.Output.IndexOf('\n', StringComparison.Ordinal) + 1)]
        );
        Assert.AreEqual(
            new Imagetar(_folder["store"])
                .Run("import", "-m", $"Imported from {shown}", _folder["rootfs.tar"])
                .Output.Trim(),
            run.Lines[^1]
        );
        var basic = "Authorization: Basic " + Convert.ToBase64String("me:pa:55"u8);
        Assert.IsTrue(
            first.Requests.All(head => head.Contains(basic, StringComparison.Ordinal)),
            "to the server they are for"
        );
        Assert.HasCount(2, first.Requests);
        Assert.DoesNotContain(
            "Authorization",
            second.Requests.Single(),
            "neither the user's nor those a server makes up"
        );
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void From_https_nothing_leads_to_http()
    {
        using var secure = new TinyServer(_certificate);
        using var plain = new TinyServer();
        plain.Give("/rootfs.tar", OddLayers.Agreed()[0]);
        secure.Redirect("/x", plain.Url("/rootfs.tar"));

        var run = Import(
            secure.Url("/x", "localhost"),
            "--sha256",
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(OddLayers.Agreed()[0]))
        );

        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains("error ITT1063", run.Error);
        Assert.IsEmpty(plain.Requests);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void A_certificate_for_another_name_is_refused()
    {
        using var certificate = TinyServer.SelfSigned("elsewhere.example");
        File.WriteAllText(_folder["ca.pem"], certificate.ExportCertificatePem());
        using var server = new TinyServer(certificate);
        server.Give("/x", OddLayers.Agreed()[0]);

        var run = Import(server.Url("/x", "localhost"));

        Assert.Contains("error ITT1065", run.Error);
        Assert.Contains("certificate", run.Error);
        Assert.IsEmpty(server.Requests);
    }

    private ProgramResult Import(string url, params string[] more) =>
        new Imagetar(_folder["store"]).Try(
            ["import", .. more, url],
            new ProgramOptions
            {
                Environment = new Dictionary<string, string?> { ["SSL_CERT_FILE"] = _folder["ca.pem"] },
            }
        );
}
