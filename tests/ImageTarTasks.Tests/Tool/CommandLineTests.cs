using ImageTarTasks.Tests.Support;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tests.Tool;

/// <summary>What docker's parser (pflag) does with the same words, told apart by hand from docker 28.</summary>
[TestClass]
public sealed class CommandLineTests
{
    private static readonly IReadOnlyList<Verb> Fakes =
    [
        Verb.FromTask(typeof(EchoTask)),
        Verb.FromTask(typeof(StartTask)),
    ];

    [TestMethod]
    [DataRow("echo a b", "words=a|b")]
    [DataRow("test echo a", "words=a")]
    [DataRow("echo -aq a", "words=a;all=yes;quiet=yes", DisplayName = "short switches in one word")]
    [DataRow("echo a -q b", "words=a|b;quiet=yes", DisplayName = "options after arguments")]
    [DataRow(
        "echo -qo out a",
        "words=a;quiet=yes;output=out",
        DisplayName = "the last of a bundle takes the next word"
    )]
    [DataRow("echo -oout a", "words=a;output=out", DisplayName = "a value without a blank")]
    [DataRow("echo -qoout a", "words=a;quiet=yes;output=out")]
    [DataRow("echo -o=out a", "words=a;output=out")]
    [DataRow("echo --output=out=1 a", "words=a;output=out=1")]
    [DataRow("echo --no-trunc x a", "words=a;no-trunc=x")]
    [DataRow("echo -c A=1 --change B -cC a", "words=a;changes=A=1|B|C", DisplayName = "a repeatable option")]
    [DataRow("echo -o one -o two a", "words=a;output=two", DisplayName = "the last value counts")]
    [DataRow("echo -q -q a", "words=a;quiet=yes")]
    [DataRow("echo -q true", "words=true;quiet=yes", DisplayName = "a switch takes no word")]
    [DataRow("echo -- -q --nosuch", "words=-q|--nosuch", DisplayName = "after -- all are arguments")]
    [DataRow("echo -", "words=-", DisplayName = "a single dash is an argument")]
    [DataRow("echo -o - a", "words=a;output=-")]
    [DataRow("echo -c -x a", "words=a;changes=-x", DisplayName = "a value may begin with a dash")]
    [DataRow("echo @file", "words=@file", DisplayName = "no response files")]
    [DataRow("echo a:b=c", "words=a:b=c")]
    [DataRow("echo echo", "words=echo", DisplayName = "an argument named like a command")]
    [DataRow("echo --output= a", "words=a", DisplayName = "an empty file name is none")]
    [DataRow("echo -o --no-trunc a", "words=a;output=--no-trunc", DisplayName = "a value may be named like an option")]
    [DataRow("echo --quiet=true --all=false a", "words=a;quiet=yes")]
    [DataRow("echo -q=false -a a", "words=a;all=yes", DisplayName = "a short switch with a value")]
    [DataRow("echo -aq=false a", "words=a;all=yes", DisplayName = "the value is that of the last letter")]
    [DataRow("echo -q=T --all=1 a", "words=a;all=yes;quiet=yes", DisplayName = "true as Go's ParseBool reads it")]
    [DataRow("echo -q=F --all=FALSE -a=0 a", "words=a", DisplayName = "false as Go's ParseBool reads it")]
    [DataRow("echo --help=false a", "words=a")]
    [DataRow("echo -odangling=true a", "words=a;output=dangling=true", DisplayName = "docker's -fdangling=true")]
    [DataRow("echo -o= a", "words=a;output==", DisplayName = "pflag takes a lone = behind a letter as the value")]
    [DataRow("--store STORE echo a", "words=a", DisplayName = "an option that all verbs have, before the verb")]
    [DataRow("--store=STORE test echo a", "words=a")]
    [DataRow("test --store STORE echo a", "words=a", DisplayName = "between group and verb")]
    [DataRow("echo [suggest] a", "words=[suggest]|a")]
    [DataRow("echo --number TWO a", "words=a;number=TWO")]
    public void Words_become_properties(string line, string expected)
    {
        using var folder = new TestFolder();
        var words = line.Replace("STORE", folder["other"], StringComparison.Ordinal).Split(' ');
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, words);
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(0, run.ExitCode);
        Assert.AreEqual(expected, string.Join(';', run.OutLines));
        Assert.AreEqual(line.Contains("STORE", StringComparison.Ordinal), Directory.Exists(folder["other"]));
    }

    [TestMethod]
    [DataRow("start web", ": web: ")]
    [DataRow(
        "start --name x web sh -c --name y",
        "x: web: sh|-c|--name|y",
        DisplayName = "options end at the first argument"
    )]
    [DataRow("start web --name x", ": web: --name|x")]
    [DataRow("start web -q -- x", ": web: -q|--|x")]
    [DataRow("start -- web -x", ": web: -x")]
    public void A_command_line_of_a_container_keeps_its_options(string line, string expected)
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, line.Split(' '));
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(expected, run.OutLines.Single());
    }

    [TestMethod]
    [DataRow(
        "echo",
        1,
        "imagetar: 'imagetar echo' requires at least 1 argument\n\nUsage:  imagetar echo "
            + "[OPTIONS] WORD [WORD...]\n\nSee 'imagetar echo --help' for more information\n"
    )]
    [DataRow("echo --nosuch a", 125, "unknown flag: --nosuch\n")]
    [DataRow("echo --nosuch=x a", 125, "unknown flag: --nosuch\n")]
    [DataRow("echo -Z a", 125, "unknown shorthand flag: 'Z' in -Z\n")]
    [DataRow("echo -aZ a", 125, "unknown shorthand flag: 'Z' in -aZ\n")]
    [DataRow("echo a -o", 125, "flag needs an argument: 'o' in -o\n")]
    [DataRow("echo a --output", 125, "flag needs an argument: --output\n")]
    [DataRow("echo -q=maybe a", 125, "invalid argument \"maybe\" for \"-q, --quiet\" flag")]
    [DataRow("echo -q= a", 125, "unknown shorthand flag: '=' in -q=\n")]
    [DataRow("echo ---quiet a", 125, "bad flag syntax: ---quiet\n")]
    [DataRow("echo --=x a", 125, "bad flag syntax: --=x\n")]
    [DataRow("--quiet echo a", 125, "unknown flag: --quiet\n", DisplayName = "not every verb has it")]
    [DataRow("echo --quiet=maybe a", 125, "invalid argument \"maybe\" for \"-q, --quiet\" flag")]
    [DataRow("start --nosuch web", 125, "unknown flag: --nosuch\n")]
    [DataRow("start", 1, "imagetar: 'imagetar start' requires at least 1 argument\n")]
    [DataRow(
        "ecko a",
        1,
        "imagetar: unknown command: imagetar ecko\n\nDid you mean 'imagetar echo'?\n\nRun "
            + "'imagetar --help' for more information\n"
    )]
    [DataRow(
        "test ecko a",
        1,
        "imagetar: unknown command: imagetar test ecko\n\nDid you mean 'imagetar test echo'?\n\n"
            + "Run 'imagetar test --help' for more information\n"
    )]
    [DataRow("frobnicate", 1, "imagetar: unknown command: imagetar frobnicate\n\nRun 'imagetar --help'")]
    [DataRow("--nosuch", 125, "unknown flag: --nosuch\n")]
    public void Bad_usage_is_answered_as_docker_does(string line, int code, string expected)
    {
        using var folder = new TestFolder();
        var store = folder["store"];
        var run = ToolRun.Of(store, new ToolRun.Setting { Verbs = Fakes }, line.Split(' '));
        Assert.AreEqual(code, run.ExitCode);
        Assert.AreEqual("", run.Out);
        Assert.StartsWith(expected, run.Errors);
        Assert.IsFalse(Directory.Exists(store), "bad usage made a store");
    }

    [TestMethod]
    public void A_word_with_control_characters_cannot_drive_the_terminal()
    {
        foreach (
            var arguments in new string[][]
            {
                ["\e[2J"],
                ["[\e[2Jx]"],
                ["[suggest:\e]"],
                ["echo", "--\e[2J", "a"],
                ["echo", "-\e", "a"],
                ["echo", "--number", "\e##vso[x]", "a"],
            }
        )
        {
            using var folder = new TestFolder();
            var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, arguments);
            Assert.AreNotEqual(0, run.ExitCode);
            Assert.DoesNotContain("\e", run.Errors);
            Assert.DoesNotContain("##vso[", run.Errors);
        }
    }

    [TestMethod]
    public void A_value_outside_the_choices_is_named_with_the_choices()
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, "echo", "--number", "three", "a");
        Assert.AreEqual(1, run.ExitCode);
        Assert.AreEqual("imagetar : error ITT1003: Number: \"three\" is not one of one, two\n", run.Errors);
    }

    [TestMethod]
    [DataRow("-v")]
    [DataRow("--version")]
    [DataRow("-v echo a")]
    [DataRow("--version echo a")]
    [DataRow("-v test echo a")]
    [DataRow("--help -v")]
    [DataRow("-v nosuch")]
    public void The_version_is_printed_and_nothing_runs(string line)
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, line.Split(' '));
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(0, run.ExitCode);
        Assert.MatchesRegex(@"\Aimagetar version [^\n]+\n\z", run.Out);
    }

    [TestMethod]
    [DataRow("-x echo a", 125, "unknown shorthand flag: 'x' in -x\n")]
    [DataRow("--nosuch echo a", 125, "unknown flag: --nosuch\n")]
    [DataRow("test --version echo a", 125, "unknown flag: --version\n")]
    [DataRow("nosuch echo a", 1, "imagetar: unknown command: imagetar nosuch\n")]
    [DataRow("- echo a", 1, "imagetar: unknown command: imagetar -\n")]
    [DataRow("-- echo a", 1, "imagetar: unknown command: imagetar echo\n")]
    [DataRow("[diagram] echo a", 1, "imagetar: unknown command: imagetar [diagram]\n")]
    [DataRow("[suggest:x] e", 1, "imagetar: unknown command: imagetar [suggest:x]\n")]
    [DataRow("[suggest:-1] e", 1, "imagetar: unknown command: imagetar [suggest:-1]\n")]
    public void No_verb_runs_behind_an_unknown_word(string line, int code, string expected)
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, line.Split(' '));
        Assert.AreEqual(code, run.ExitCode);
        Assert.AreEqual("", run.Out);
        Assert.StartsWith(expected, run.Errors);
    }

    [TestMethod]
    [DataRow("--help echo", "Usage:  imagetar echo [OPTIONS]")]
    [DataRow("-h test echo a", "Usage:  imagetar test echo [OPTIONS]")]
    [DataRow("test -h echo --nosuch", "Usage:  imagetar test echo [OPTIONS]")]
    [DataRow("echo --help", "Usage:  imagetar echo [OPTIONS]")]
    [DataRow("echo -ah a", "Usage:  imagetar echo [OPTIONS]")]
    [DataRow("test --help", "Usage:  imagetar test COMMAND")]
    [DataRow("test --help nosuch", "Usage:  imagetar test COMMAND")]
    [DataRow("nosuch --help", "Usage:  imagetar COMMAND")]
    [DataRow("--nosuch --help", "Usage:  imagetar COMMAND")]
    [DataRow("--help=true", "Usage:  imagetar COMMAND")]
    [DataRow("--", "Usage:  imagetar COMMAND")]
    public void Help_is_printed_and_nothing_runs(string line, string expected)
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, line.Split(' '));
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(0, run.ExitCode);
        Assert.StartsWith(expected, run.Out);
    }

    [TestMethod]
    public void Completion_offers_verbs_options_and_choices()
    {
        using var folder = new TestFolder();
        string[] Suggest(string line, string? position = null) =>
            ToolRun
                .Of(
                    folder["store"],
                    new ToolRun.Setting { Verbs = Fakes },
                    $"[suggest{position ?? $":{line.Length}"}]",
                    line
                )
                .OutLines;

        string[] program = ["--help", "--version", "-h", "-v", "echo", "start", "test"];
        CollectionAssert.AreEqual(program, Suggest("imagetar "));
        CollectionAssert.AreEqual(program, Suggest(""));
        CollectionAssert.AreEqual(new[] { "echo" }, Suggest("imagetar e"));
        CollectionAssert.AreEqual(new[] { "echo" }, Suggest("/usr/bin/imagetar E"));
        CollectionAssert.AreEqual(new[] { "echo" }, Suggest("imagetar e", ""));
        CollectionAssert.AreEqual(new[] { "echo" }, Suggest("imagetar e", ":1000"));
        CollectionAssert.AreEqual(new[] { "echo" }, Suggest("imagetar ec --number", ":10"));
        CollectionAssert.AreEqual(new[] { "--help", "-h", "echo" }, Suggest("imagetar test "));
        CollectionAssert.AreEqual(new[] { "--no-trunc", "--number" }, Suggest("imagetar test echo --n"));
        CollectionAssert.AreEqual(new[] { "one", "two" }, Suggest("imagetar echo a --number "));
        CollectionAssert.AreEqual(new[] { "two" }, Suggest("imagetar echo --number t"));
        Assert.IsEmpty(Suggest("imagetar echo -o "));
        Assert.Contains("--store", Suggest("imagetar echo --quiet "));
        Assert.IsEmpty(Suggest("imagetar nosuch"));
    }

    [TestMethod]
    public void Completion_offers_images_containers_and_shells()
    {
        using var folder = new TestFolder();
        Assert.AreEqual("", Suggest("imagetar save d"));
        Assert.IsFalse(Directory.Exists(folder["store"]));
        File.WriteAllBytes(
            folder["in.tar"],
            ArchiveBuilder.Docker((ImageBuilder.Small(), ["demo/app:1", "demo/app:2", "other:1"])).ToTar()
        );
        ToolRun.Of(folder["store"], "load", "-i", folder["in.tar"]);
        ToolRun.Of(folder["store"], "create", "--name", "box", "other:1");
        Assert.AreEqual("demo/app:1 demo/app:2", Suggest("imagetar save d"));
        Assert.AreEqual("demo/app:2", Suggest("imagetar image rm other:1 demo/app:2"));
        Assert.AreEqual("box", Suggest("imagetar rm b"));
        Assert.AreEqual("box", Suggest("imagetar export b"));
        Assert.AreEqual("other:1", Suggest("imagetar export o"));
        Assert.AreEqual("bash", Suggest("imagetar completion b"));

        string Suggest(string line) => string.Join(' ', ToolRun.Of(folder["store"], "[suggest]", line).OutLines);
    }

    [TestMethod]
    [DataRow("bash", "complete -o default")]
    [DataRow("zsh", "compdef ")]
    [DataRow("fish", "complete -c imagetar")]
    [DataRow("pwsh", "Register-ArgumentCompleter")]
    public void A_completion_script_registers_itself_and_asks_the_program(string shell, string registration)
    {
        using var folder = new TestFolder();
        var script = ToolRun.Of(folder["store"], "completion", shell);
        Assert.AreEqual("", script.Errors);
        Assert.Contains("imagetar \"[suggest", script.Out);
        Assert.Contains(registration, script.Out);
        Assert.AreEqual(1, ToolRun.Of(folder["store"], "completion", "cmd").ExitCode);
    }

    [TestMethod, RequiresProgram("bash")]
    public void Bash_completes_a_name_behind_its_colon()
    {
        using var folder = new TestFolder();
        var script = ToolRun.Of(folder["store"], "completion", "bash").Out;
        File.WriteAllText(
            folder["try"],
            $$"""
            imagetar() { printf 'demo/app:1\ndemo/app:2\n'; }
            {{script}}
            COMP_LINE='imagetar save demo/app:'; COMP_POINT=${#COMP_LINE}
            _imagetar_complete; printf '%s|' "${COMPREPLY[@]}"
            COMP_LINE='imagetar save d'; COMP_POINT=${#COMP_LINE}
            _imagetar_complete; printf '%s|' "${COMPREPLY[@]}"
            """
        );
        using var run = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("bash", [folder["try"]]) { RedirectStandardOutput = true }
        )!;
        Assert.AreEqual("1|2|demo/app:1|demo/app:2|", run.StandardOutput.ReadToEnd());
    }
}
