using System.IO.Compression;
using System.Text;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Flattening;
using ImageTarTasks.Core.Importing;
using ImageTarTasks.Core.Store;
using ImageTarTasks.Core.Values;
using ImageTarTasks.Tests.Flattening;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.Tests.Importing;

[TestClass]
public sealed class ImportTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly RecordingReporter _reporter = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void The_plain_tar_is_the_layer_whatever_was_around_it()
    {
        // Bytes after the end count too: this is the DiffID docker import gives.
        byte[] tar = [.. LayerTar.Of("./ ./a=1".Split(' ')), 1, 2, 3];

        var plain = Import(tar);
        var zipped = Import(Gzip(tar));

        Assert.AreEqual(Digest.Of(tar), plain.Image!.Config.DiffIds.Single().Digest);
        Assert.AreEqual(plain.Id, zipped.Id);
        Assert.AreEqual(MediaTypes.OciLayer, plain.Image.Manifest.Layers.Single().MediaType);
        Assert.AreEqual(tar.Length, plain.Image.Manifest.Layers.Single().Size);
    }

    [TestMethod]
    public void The_configuration_says_what_was_asked_for()
    {
        var options = new ImportOptions
        {
            Changes =
            [
                "CMD [\"a&b\"]",
                "ENV A=1",
                "EXPOSE 80",
                "LABEL z=1 a=2",
                "VOLUME /v",
                "USER me",
                "WORKDIR w",
                "STOPSIGNAL 9",
                "ONBUILD RUN x",
                "HEALTHCHECK --retries=2 CMD x",
                "ENTRYPOINT [\"e\"]",
            ],
            Message = "made here",
            Platform = Platform.Parse("linux/arm/v7"),
            Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        };

        var image = Import(LayerTar.Of(), options).Image!;

        Assert.AreEqual(
            """
            {"created":"2026-01-02T03:04:05Z","architecture":"arm","variant":"v7","os":"linux","config":{"User":"me","ExposedPorts":{"80/tcp":{}},
            "Env":["A=1"],"Entrypoint":["e"],"Cmd":["a\u0026b"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"a":"2","z":"1"},"StopSignal":"9",
            "Healthcheck":{"Test":["CMD-SHELL","x"],"Retries":2},"OnBuild":["RUN x"]},"rootfs":{"type":"layers","diff_ids":[
            "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"]},"history":[{"created":"2026-01-02T03:04:05Z","comment":"made here"}],
            "comment":"made here"}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(image.Config.Raw.Span)
        );
    }

    [TestMethod]
    public void Without_a_time_the_newest_entry_has_it()
    {
        var config = Import(LayerTar.Of("a=1", "b=2")).Image!.Config;

        Assert.AreEqual("1970-01-01T00:16:40Z", config.CreatedText);
        Assert.AreEqual("Imported from -", config.Comment);
        Assert.AreEqual(Platform.Host, config.Platform);
    }

    [TestMethod]
    [DataRow(CompressionKind.None)]
    [DataRow(CompressionKind.Gzip)]
    [DataRow(CompressionKind.Zstd)]
    public void Nothing_is_refused_and_two_blocks_of_zeros_are_an_empty_root_filesystem(CompressionKind compression)
    {
        var store = Store();
        var before = Files(store.Root);
        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            Import(ImageBuilder.Compress([], compression), store: store)
        );
        Assert.AreEqual("ITT2415", refused.Diagnostic.Code);
        Assert.AreEqual("rootfs.tar", refused.Diagnostic.File);
        CollectionAssert.AreEqual(before, Files(store.Root));

        var empty = Import(ImageBuilder.Compress(new byte[1024], compression)).Image!;
        Assert.AreEqual(Digest.Of(new byte[1024]), empty.Config.DiffIds.Single().Digest);
    }

    [TestMethod]
    public void The_name_is_taken_and_gets_latest()
    {
        var store = Store();
        var first = Import(LayerTar.Of("a=1"), new ImportOptions { Reference = ImageReference.Parse("name") }, store);
        var second = Import(LayerTar.Of("a=2"), new ImportOptions { Reference = ImageReference.Parse("name") }, store);

        Assert.AreEqual("name:latest", second.References.Single().Familiar);
        Assert.AreEqual(second.Id, store.Find("name").Id);
        Assert.IsEmpty(store.Find(first.Id.ToString()).References);
    }

    [TestMethod]
    [DataRow("out of the root", "../a=1", "ITT2401")]
    [DataRow("a part ..", "a/ a/../b=1", "ITT2401")]
    [DataRow("a whiteout", "etc/ etc/.wh.config=", "ITT2408")]
    [DataRow("a link to nothing", "h⇒nothing", "ITT2405")]
    [DataRow("a link before its target", "h⇒a a=1", "ITT2405")]
    [DataRow("a loop of links as parent", "a→b b→a a/x=1", "ITT2404")]
    [DataRow("the root as a link", ".→/etc", "ITT2402")]
    [DataRow("a docker-archive", "manifest.json=[] abc/layer.tar=", "ITT2411")]
    [DataRow("an OCI archive", "./oci-layout={} ./index.json={}", "ITT2411")]
    public void Refused_content_leaves_the_store_as_it_was(string what, string entries, string code)
    {
        var store = Store();
        var before = Files(store.Root);

        var refused = Assert.ThrowsExactly<ImageTarException>(
            () => Import(LayerTar.Layers(entries)[0], store: store),
            what
        );

        Assert.AreEqual(code, refused.Diagnostic.Code, refused.Message);
        Assert.AreEqual("rootfs.tar", refused.Diagnostic.File);
        CollectionAssert.AreEqual(before, Files(store.Root));
    }

    [TestMethod]
    public void A_manifest_alone_does_not_make_an_image_archive() =>
        Assert.IsNotNull(Import(LayerTar.Of("manifest.json={}", "srv/", "srv/index.json={}")).Image);

    [TestMethod]
    [DataRow("PK\u0003\u0004 and so on", "zip")]
    [DataRow("<!DOCTYPE html><html>", "HTML")]
    [DataRow("version https://git-lfs.github.com/spec/v1", "git-lfs")]
    [DataRow("x", "text")]
    public void What_is_no_tar_is_named(string content, string words)
    {
        var refused = Assert.ThrowsExactly<ImageTarException>(() => Import(Encoding.UTF8.GetBytes(content)));

        Assert.AreEqual("ITT2001", refused.Diagnostic.Code);
        Assert.Contains(words, refused.Message);
    }

    [TestMethod]
    public void A_tar_cut_between_entries_is_refused_unless_its_compression_says_that_it_is_whole()
    {
        var tar = LayerTar.Of("a=1")[..1024];

        Assert.AreEqual("ITT2410", Assert.ThrowsExactly<ImageTarException>(() => Import(tar)).Diagnostic.Code);
        Assert.IsNotNull(Import(Gzip(tar)).Image);
        Assert.IsNotNull(Import([.. tar, .. new byte[512]]).Image);
    }

    [TestMethod]
    public void Gzip_in_gzip_is_refused() =>
        Assert.AreEqual(
            "ITT2108",
            Assert.ThrowsExactly<ImageTarException>(() => Import(Gzip(Gzip(LayerTar.Of("a=1"))))).Diagnostic.Code
        );

    [TestMethod]
    public void Too_much_is_refused()
    {
        var bomb = Gzip(LayerTar.Of("a=" + new string('0', 100_000)));

        var refused = Assert.ThrowsExactly<ImageTarException>(() =>
            Import(bomb, new ImportOptions { MaxUnpacked = 50_000 })
        );

        Assert.Contains("max-unpacked", refused.Message);
    }

    [TestMethod]
    public void A_bad_change_is_told_before_anything_is_read()
    {
        using var stream = new MemoryStream([1, 2, 3]);
        var input = new RootFsInput { DisplayName = "rootfs.tar", Stream = stream };

        Assert.ThrowsExactly<ImageTarException>(() =>
            RootFsImporter.Import(
                Store(),
                input,
                new ImportOptions { Changes = ["RUN x"] },
                _reporter,
                CancellationToken.None
            )
        );

        Assert.AreEqual(0, stream.Position);
    }

    [TestMethod]
    public void A_digest_is_no_name()
    {
        var name = ImageReference.Parse($"a@{Digest.Of([])}");

        var refused = Assert.ThrowsExactly<ImageTarException>(() => Import([], new ImportOptions { Reference = name }));

        Assert.Contains("cannot import digest reference", refused.Message);
    }

    [TestMethod]
    public void What_was_imported_is_exported_again()
    {
        var store = Store();
        var image = Import(
            LayerTar.Layers("./@711:3 usr/ usr/bin/ bin→usr/bin usr/bin/a=1@4755 b⇒usr/bin/a x=1 x=2")[0],
            store: store
        ).Image!;

        using var flat = new MemoryStream();
        RootFsExporter.Export(store, image.Layers, new ExportOptions(), flat, _reporter, CancellationToken.None);

        Assert.AreEqual("./@711:3 usr/ usr/bin/ bin→usr/bin b=1 usr/bin/a⇒b x=2", LayerTar.Show(flat.ToArray()));
        Assert.Contains("ITT9401", _reporter.Warnings.Select(warning => warning.Code));
    }

    private ImageStore Store() => ImageStore.Open(_folder[Guid.NewGuid().ToString("n")], _reporter);

    private StoredImage Import(byte[] content, ImportOptions? options = null, ImageStore? store = null)
    {
        using var stream = new MemoryStream(content);
        return RootFsImporter.Import(
            store ?? Store(),
            new RootFsInput { DisplayName = "rootfs.tar", Stream = stream },
            options ?? new ImportOptions(),
            _reporter,
            CancellationToken.None
        );
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private static string[] Files(string root) =>
        [
            .. Directory
                .GetFiles(root, "*", SearchOption.AllDirectories)
                .Where(file => !file.Contains("lock", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
}
