using System.Text;
using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Folders become layers as Docker, bsdtar and other users of the machine would have it.</summary>
[TestClass]
public sealed class ImportFolderTests : IDisposable
{
    private static readonly string[] Tree =
    [
        "a.md",
        "README.md",
        "README-secret.md",
        "src/a.cs",
        "src/b.md",
        "src/bin/x.dll",
        "src/bin/keep/y.dll",
        "src/obj/z",
        "docs/a.md",
        "docs/deep/er/b.md",
        "docs/deep/c.txt",
        "tmp/1",
        "tmp2/1",
        "b[1]/x",
        "[a]/x",
        "e x/y z",
        ".git/config",
        ".hidden",
        "é/ü.md",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod, RequiresEngine]
    [DataRow("*.md")]
    [DataRow("**/*.md")]
    [DataRow("**.md")]
    [DataRow("*/*.md\n!docs/a.md")]
    [DataRow("# comment\n\n /src/ \n!src/bin/keep")]
    [DataRow("**/bin\n!src/bin/keep")]
    [DataRow("docs/**")]
    [DataRow("docs/**/b.md\ntmp?")]
    [DataRow("**\n!src\nsrc/obj")]
    [DataRow("*\n!docs/deep/er/b.md")]
    [DataRow("!README.md\n*.md\n!README*.md\nREADME-secret.md")]
    [DataRow("[a-b]*\n\\[a\\]")]
    [DataRow("b\\[1\\]\ne x/y z")]
    [DataRow("[^a-z]*")]
    [DataRow(".*")]
    [DataRow("é/*\ndocs/deep/e?")]
    [DataRow("./tmp/\n/docs/deep")]
    public void An_ignore_file_leaves_out_what_docker_build_leaves_out(string patterns)
    {
        foreach (var file in Tree)
        {
            File.WriteAllText(_folder["context/" + file], file);
        }

        File.WriteAllText(_folder["ignore"], patterns);
        var imagetar = new Imagetar(_folder["store"]);
        imagetar.Run("import", "--exclude-from", _folder["ignore"], _folder["context"], "ours:1");
        imagetar.Run("export", "-o", _folder["ours.tar"], "ours:1");

        // The Dockerfile and the file of patterns come along; only what is of the tree is looked at.
        var name = "ignored:" + Guid.NewGuid().ToString("n");
        File.WriteAllText(_folder["context/.dockerignore"], patterns);
        SharedEngine.Get().Build(_folder["context"], "FROM scratch\nCOPY . /\nENTRYPOINT [\"/none\"]\n", name);
        SharedEngine.Get().Export(name, _folder["theirs.tar"]);
        SharedEngine.Get().Run("rmi", name);

        var names = Tree.Select(file => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(file)))
            .ToHashSet(StringComparer.Ordinal);
        string Files(string tar) => string.Join('\n', TarListing.OfFile(tar).Paths.Where(names.Contains));
        Assert.AreEqual(Files(_folder["theirs.tar"]), Files(_folder["ours.tar"]));
    }

    [TestMethod, RequiresRoot]
    [OSCondition(OperatingSystems.Linux)]
    [RequiresProgram("setpriv")]
    public void Another_user_umask_time_zone_and_language_give_the_same_image()
    {
        foreach (var file in Tree)
        {
            File.WriteAllText(_folder["root/" + file], file);
        }

        Programs.Run("chmod", "755", _folder["root/src/bin/x.dll"]);
        Programs.Run("ln", "-s", "src/a.cs", _folder["root/link"]);
        Programs.Run("ln", _folder["root/src/a.cs"], _folder["root/name"]);
        Programs.Run("mkfifo", _folder["root/fifo"]);
        Directory.CreateDirectory(_folder["other"]);
        Programs.Run("chmod", "-R", "a+rwX", _folder.Root);
        var normal = new[] { "import", "--chmod", "u+rwX,go=u-w" };
        var first = new Imagetar(_folder["store"]).Run([.. normal, _folder["root"]]).Output.Trim();

        // What git or a package manager would do elsewhere: a fresh copy, under another umask, in another order, years
        // later.
        var script =
            $"umask 077; cd {_folder["root"]} && tar cf - --sort=none . | (mkdir "
            + $"{_folder["other"]}/copy && cd {_folder["other"]}/copy && tar xof - "
            + $"--no-same-permissions);"
            + $"find {_folder["other"]}/copy -exec touch -h -d 2031-05-06 {{}} +;"
            + $"IMAGETAR_STORE={_folder["other"]}/store exec {Imagetar.Executable} import --chmod "
            + $"u+rwX,go=u-w {_folder["other"]}/copy";
        var second = Programs
            .Try(
                "setpriv",
                ["--reuid", "65534", "--regid", "65534", "--clear-groups", "/bin/sh", "-ec", script],
                new ProgramOptions
                {
                    Environment = new Dictionary<string, string?>
                    {
                        ["TZ"] = "Asia/Tokyo",
                        ["LC_ALL"] = "C",
                        ["LANG"] = "tr_TR.UTF-8",
                        ["HOME"] = _folder["other"],
                        ["SOURCE_DATE_EPOCH"] = null,
                    },
                }
            )
            .Succeeds();

        Assert.AreEqual(first, second.Output.Trim());
    }

    [TestMethod, RequiresEngine]
    public void On_a_base_changes_apply_as_in_a_Dockerfile()
    {
        File.WriteAllText(_folder["build/app"], "app");
        File.WriteAllText(_folder["rootfs/app"], "app");
        string[] below =
        [
            "ENV PATH=/bin HOME=/root",
            "CMD [\"old\"]",
            "WORKDIR /work",
            "LABEL a=1 b=1",
            "EXPOSE 80",
            "USER me",
            "VOLUME /v",
        ];
        string[] changes =
        [
            "ENV PATH=$PATH:/srv NEW=1",
            "ENTRYPOINT [\"/app\"]",
            "WORKDIR sub",
            "LABEL b=2",
            "EXPOSE 81/udp",
            "HEALTHCHECK CMD true",
        ];
        var imagetar = new Imagetar(_folder["store"]);
        var engine = SharedEngine.Get();
        var tag = Guid.NewGuid().ToString("n");
        engine.Build(_folder["build"], $"FROM scratch\nCOPY app /base\n{string.Join('\n', below)}\n", "base:" + tag);
        engine.Build(
            _folder["build"],
            $"FROM base:{tag}\nCOPY app /app\n{string.Join('\n', changes)}\n",
            "theirs:" + tag
        );
        engine.Run("save", "-o", _folder["base.tar"], "base:" + tag);

        imagetar.Run("load", "-i", _folder["base.tar"]);
        imagetar.Run([
            "import",
            "--base",
            "base:" + tag,
            .. changes.SelectMany(change => new[] { "-c", change }),
            _folder["rootfs"],
            "ours:" + tag,
        ]);
        imagetar.Run("save", "-o", _folder["ours.tar"], "ours:" + tag);
        engine.Run("load", "-i", _folder["ours.tar"]);

        var theirs = engine.Inspect("theirs:" + tag);
        var ours = engine.Inspect("ours:" + tag);
        Assert.AreEqual(
            JsonText.Canonical(theirs.GetProperty("Config"), "Image", "Hostname"),
            JsonText.Canonical(ours.GetProperty("Config"), "Image", "Hostname")
        );
        var layers = Layers(engine.Inspect("base:" + tag));
        Assert.AreEqual(string.Join('\n', layers), string.Join('\n', Layers(ours).SkipLast(1)));
        Assert.AreEqual(
            string.Join('\n', engine.Run("history", "--no-trunc", "--format", "{{.CreatedBy}}", "base:" + tag).Lines),
            string.Join(
                '\n',
                engine.Run("history", "--no-trunc", "--format", "{{.CreatedBy}}", "ours:" + tag).Lines[
                    ^(below.Length + 1)..
                ]
            )
        );
        engine.Run("rmi", "ours:" + tag, "theirs:" + tag, "base:" + tag);

        static string[] Layers(System.Text.Json.JsonElement image) =>
            [.. image.GetProperty("RootFS").GetProperty("Layers").EnumerateArray().Select(layer => layer.GetString()!)];
    }

    [TestMethod, RequiresEngine]
    public void Export_and_import_keep_what_Docker_loses()
    {
        var engine = SharedEngine.Get();
        var tag = Guid.NewGuid().ToString("n");
        File.WriteAllText(_folder["build/app"], "app");
        engine.Build(
            _folder["build"],
            "FROM scratch\nCOPY app /app\nENV A=1\nCMD [\"x\"]\nLABEL l=\"a b\"\nSTOPSIGNAL SIGINT\n"
                + "SHELL [\"/app\", \"-x\"]\nONBUILD RUN y\n",
            "kept:" + tag
        );
        engine.Run("save", "-o", _folder["kept.tar"], "kept:" + tag);
        var imagetar = new Imagetar(_folder["store"]);
        imagetar.Run("load", "-i", _folder["kept.tar"]);

        imagetar.Run("export", "-o", _folder["rootfs.tar"], "--config", _folder["config.json"], "kept:" + tag);
        imagetar.Run(
            "import",
            "--config-from",
            _folder["config.json"],
            "--keep-history",
            _folder["rootfs.tar"],
            "again:" + tag
        );
        imagetar.Run("save", "-o", _folder["again.tar"], "again:" + tag);
        engine.Run("load", "-i", _folder["again.tar"]);

        var before = engine.Inspect("kept:" + tag);
        var after = engine.Inspect("again:" + tag);
        Assert.AreEqual(
            JsonText.Canonical(before.GetProperty("Config")),
            JsonText.Canonical(after.GetProperty("Config"))
        );
        Assert.AreEqual(before.GetProperty("Architecture").GetString(), after.GetProperty("Architecture").GetString());
        var lines = engine.Run("history", "--no-trunc", "--format", "{{.CreatedBy}}", "again:" + tag).Lines;
        Assert.AreEqual(
            string.Join('\n', engine.Run("history", "--no-trunc", "--format", "{{.CreatedBy}}", "kept:" + tag).Lines),
            string.Join('\n', lines)
        );
        engine.Run("rmi", "kept:" + tag, "again:" + tag);
    }
}
