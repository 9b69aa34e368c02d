using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>Lists and templates beside those of the real client, on the same image.</summary>
[TestClass]
public sealed class ListingTests
{
    private static readonly string[][] SameWords =
    [
        [
            "images",
            "--format",
            "{{.ID}}|{{.Repository}}|{{.Tag}}|{{.Size}}|{{.CreatedAt}}|{{.Containers}}|{{.SharedSize}}",
        ],
        ["images", "--format", @"table {{.Tag}}\t{{upper .Repository}}\t{{.Size}}"],
        ["images", "--format", @"{{printf ""%-20s|%5s"" .Repository .Tag}}", "listed"],
        ["images", "--filter", "reference=list*:[1-2]", "--format", "{{.Repository}}:{{.Tag}}"],
        ["images", "--filter", "dangling=false", "-q", "--no-trunc"],
        ["images", "--filter", "label=com.example.team=core", "--format", "{{.Tag}}"],
        ["images", "nosuch"],
        ["history", "--format", "{{.ID}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}", "listed:1"],
        [
            "history",
            "--no-trunc",
            "--human=false",
            "--format",
            "{{json .CreatedBy}} {{.CreatedAt}} {{.Size}}",
            "listed:1",
        ],
        ["history", "-q", "listed:1"],
        ["image", "inspect", "-f", "{{.Id}} {{.Os}}/{{.Architecture}} {{.Size}} {{.Created}}", "listed:1"],
        ["image", "inspect", "-f", "{{json .RootFS}} {{len .RootFS.Layers}} {{index .RootFS.Layers 0}}", "listed:1"],
        ["image", "inspect", "-f", "{{range .RepoTags}}<{{.}}>{{end}}", "listed:1"],
        [
            "image",
            "inspect",
            "-f",
            "{{.Config.Cmd}} {{.Config.Env}} {{.Config.Entrypoint}} {{.Config.ExposedPorts}} {{.Config.Labels}}",
            "listed:1",
        ],
        [
            "image",
            "inspect",
            "-f",
            "{{range $key, $value := .Config.Labels}}{{$key}}={{$value}};{{else}}none{{end}}",
            "listed:1",
        ],
        [
            "image",
            "inspect",
            "-f",
            "{{join .Config.Cmd \" \"}} {{split \"a,b\" \",\"}} {{title \"some words\"}} {{pad \"x\" "
                + "1 2}}| {{truncate \"12345\" 3}} {{lower \"ABC\"}}",
            "listed:1",
        ],
        [
            "image",
            "inspect",
            "-f",
            "{{if and .Config.Cmd (eq .Os \"linux\")}}yes{{else}}no{{end}} {{or .Comment \"none\"}} {{not .Author}}",
            "listed:1",
        ],
        [
            "image",
            "inspect",
            "-f",
            "{{with .Config}}{{.WorkingDir}}{{end}}{{/* said to nobody */}}{{- \" x \" -}}  y",
            "listed:1",
        ],
        ["image", "inspect", "-f", "{{printf \"%q %v %d %05d %x\" .Os .Config.Cmd 7 42 \"hi\"}}", "listed:1"],
        ["image", "inspect", "-f", "{{println .Os}}{{print 1 2 \"a\" 3}}", "listed:1"],
        ["image", "inspect", "-f", "{{$a := .Os}}{{$a}} {{slice .Os 1 3}}", "listed:1"],
        ["inspect", "--type", "image", "-f", "{{index .Config.Labels \"com.example.team\"}}", "listed:2"],
    ];

    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void Lists_and_templates_print_what_docker_prints()
    {
        using var folder = new TestFolder();
        var engine = SharedEngine.Get();
        BuiltImages.Build(engine, folder["context"], "listing-base:1");
        Directory.CreateDirectory(folder["more"]);
        engine.Build(
            folder["more"],
            "FROM listing-base:1\nLABEL com.example.team=core zone=\"<a&b>\"\nENV TWO=\"a b\"\n"
                + "EXPOSE 8080 53/udp\nWORKDIR /srv/x\nCMD [\"/bin/sh\", \"-c\", \"echo hello\"]\n",
            "listed:1"
        );
        engine.Run("tag", "listed:1", "listed:2");
        engine.Run("save", "-o", folder["listed.tar"], "listed");
        using var fresh = DockerEngine.Start();
        fresh.Run("load", "-i", folder["listed.tar"]);
        var imagetar = new Imagetar(folder["store"]);
        imagetar.Run("load", "-i", folder["listed.tar"]);

        var different = new List<string>();
        foreach (var words in SameWords)
        {
            var theirs = fresh.Try(words);
            var ours = imagetar.Try(words);
            if (theirs.ExitCode != ours.ExitCode || theirs.Output != ours.Output)
            {
                different.Add(
                    $"{string.Join(' ', words)}\n  docker   {theirs.ExitCode}: "
                        + $"{theirs.Output}{theirs.Error}\n  imagetar {ours.ExitCode}: {ours.Output}{ours.Error}"
                );
            }
        }

        Assert.IsEmpty(different, string.Join('\n', different));
    }

    [TestMethod, RequiresEngine, RequiresProgram("busybox")]
    public void A_template_that_docker_refuses_is_refused()
    {
        using var folder = new TestFolder();
        var engine = SharedEngine.Get();
        BuiltImages.Build(engine, folder["context"], "listing-base:2");
        engine.Run("save", "-o", folder["listed.tar"], "listing-base:2");
        var imagetar = new Imagetar(folder["store"]);
        imagetar.Run("load", "-i", folder["listed.tar"]);
        foreach (
            var template in new[]
            {
                "{{",
                "{{.Nosuch}}",
                "{{.Os.Deeper}}",
                "{{nosuch .Os}}",
                "{{if .Os}}",
                "{{end}}",
                "{{index .RootFS.Layers 99}}",
                "{{.Config.Cmd | upper}}",
                "{{\"open}}",
            }
        )
        {
            Assert.AreNotEqual(
                0,
                engine.Try(["image", "inspect", "-f", template, "listing-base:2"]).ExitCode,
                template
            );
            var refused = imagetar.Try(["image", "inspect", "-f", template, "listing-base:2"]);
            Assert.AreEqual(1, refused.ExitCode, template);
            Assert.Contains("error ITT1030", refused.Error);
        }
    }
}
