using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>A root filesystem imported by us is the image Docker would have made of it.</summary>
[TestClass]
public sealed class ImportTests
{
    private static readonly string[] Changes =
    [
        "CMD [\"serve\", \"--port\", \"80\"]",
        "ENTRYPOINT [\"/bin/tool\"]",
        "ENV PATH=/bin:/usr/bin NAME=\"two words\"",
        "ENV AGAIN=$NAME.x",
        "EXPOSE 80 53/udp 8000-8002",
        "LABEL org.example.title=\"A <title> & more\" plain=yes",
        "USER nobody:nogroup",
        "VOLUME /data /cache",
        "VOLUME [\"/more\"]",
        "WORKDIR /srv",
        "WORKDIR sub/../app",
        "HEALTHCHECK --interval=1m30s --retries=3 CMD [\"/bin/check\"]",
        "ONBUILD RUN echo hi",
    ];

    [TestMethod, RequiresEngine, DataRow("plain"), DataRow("gzip"), DataRow("bzip2"), DataRow("xz")]
    public void Import_with_changes_gives_the_configuration_and_layer_of_docker_import(string program)
    {
        using var folder = new TestFolder();
        using var fresh = DockerEngine.Start();
        var imagetar = new Imagetar(folder["store"]);
        var (file, name) = (folder["rootfs.tar"], "changed:1");
        File.WriteAllBytes(file, OddLayers.Agreed()[0]);
        if (program != "plain")
        {
            Programs.Shell($"{program} <{file} >{folder["packed"]} && mv {folder["packed"]} {file}");
        }

        string[] arguments =
        [
            "import",
            .. Changes.SelectMany(change => new[] { "-c", change }),
            "-m",
            "a message",
            file,
            name,
        ];

        var theirs = fresh.Run(arguments).Output.Trim();
        var ours = imagetar.Run(arguments).Output.Trim();
        var theirInspect = fresh.Inspect(theirs);
        imagetar.Run("save", "-o", folder["ours.tar"], name);
        fresh.Run("rmi", theirs);
        Assert.AreEqual($"Loaded image: {name}\n", fresh.Run("load", "-i", folder["ours.tar"]).Output);
        var ourInspect = fresh.Inspect(name);

        Assert.AreEqual(ours, ourInspect.GetProperty("Id").GetString());
        foreach (var part in new[] { "Config", "RootFS", "Comment", "Os", "Architecture", "RepoTags" })
        {
            Assert.AreEqual(
                JsonText.Canonical(theirInspect.GetProperty(part)),
                JsonText.Canonical(ourInspect.GetProperty(part)),
                part
            );
        }

        var config = ourInspect.GetProperty("Config");
        Assert.AreEqual("/srv/app", config.GetProperty("WorkingDir").GetString());
        Assert.AreEqual("AGAIN=two words.x", config.GetProperty("Env").EnumerateArray().Last().GetString());
        Assert.AreEqual(90_000_000_000, config.GetProperty("Healthcheck").GetProperty("Interval").GetInt64());
    }

    [TestMethod, RequiresEngine]
    public void Import_without_changes_runs_no_differently_from_docker_import()
    {
        using var folder = new TestFolder();
        using var fresh = DockerEngine.Start();
        var imagetar = new Imagetar(folder["store"]);
        File.WriteAllBytes(folder["rootfs.tar"], OddLayers.Agreed()[0]);

        fresh.Try(["import", "-"], new ProgramOptions { InputFile = folder["rootfs.tar"] }).Succeeds();
        var theirs = fresh.Inspect(fresh.Run("images", "-q").Output.Trim());
        var id = imagetar
            .Try(["import", "-"], new ProgramOptions { InputFile = folder["rootfs.tar"] })
            .Succeeds()
            .Output.Trim();
        var ours = imagetar.Inspect(id);

        Assert.AreEqual("Imported from -", ours.GetProperty("Comment").GetString());
        Assert.AreEqual(
            JsonText.Canonical(theirs.GetProperty("RootFS")),
            JsonText.Canonical(ours.GetProperty("RootFS"))
        );
        Assert.AreEqual(theirs.GetProperty("Comment").GetString(), ours.GetProperty("Comment").GetString());
    }

    [
        TestMethod,
        RequiresEngine,
        DataRow("RUN true"),
        DataRow("MAINTAINER me"),
        DataRow("ENV"),
        DataRow("EXPOSE 99999"),
        DataRow("LABEL \"open"),
        DataRow("ONBUILD FROM x"),
        DataRow("HEALTHCHECK FOO")
    ]
    public void A_change_docker_import_refuses_is_refused_before_anything_is_stored(string change)
    {
        using var folder = new TestFolder();
        var imagetar = new Imagetar(folder["store"]);
        File.WriteAllBytes(folder["rootfs.tar"], OddLayers.Agreed()[0]);
        string[] arguments = ["import", "-c", change, folder["rootfs.tar"], "refused:1"];

        Assert.AreNotEqual(0, SharedEngine.Get().Try(arguments).ExitCode);
        var result = imagetar.Try(arguments);

        Assert.AreNotEqual(0, result.ExitCode);
        Assert.HasCount(1, result.ErrorLines, result.ToString());
        Assert.Contains("error ITT12", result.Error);
        Assert.HasCount(1, imagetar.Run("images").Lines);
    }
}
