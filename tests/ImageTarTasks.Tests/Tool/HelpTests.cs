using ImageTarTasks.Tests.Support;
using ImageTarTasks.Tool.CommandLine;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tests.Tool;

[TestClass]
public sealed class HelpTests
{
    private static readonly IReadOnlyList<Verb> Fakes =
    [
        Verb.FromTask(typeof(EchoTask)),
        Verb.FromTask(typeof(StartTask)),
    ];

    [TestMethod]
    public void A_verb_shows_usage_text_aliases_options_with_defaults_and_an_example()
    {
        var help = Run("echo", "--help").Replace("\r", "", StringComparison.Ordinal);
        Assert.AreEqual(
            """
            Usage:  imagetar echo [OPTIONS] WORD [WORD...]

            Says what it was Words given.

            Only tests have it.

            Aliases:
              imagetar echo, imagetar test echo

            Arguments:
              WORD  The words.

            Options:
              -a, --all             All of it.
              -c, --change THING    Several things.
                  --fail TEXT       What goes wrong.
                  --no-trunc TEXT   A thing.
                  --number one|two  One or two. (default one)
              -o, --output FILE     A file.
              -q, --quiet           Less of it.
                  --store FOLDER    The folder of the image store. [default: $IMAGETAR_STORE, else imagetar in
                                    the user's data folder]
              -h, --help            Print this and exit

            Example:
              imagetar echo -aq hello

            """.ReplaceLineEndings("\n"),
            help
        );
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("--help")]
    [DataRow("-h")]
    public void The_program_lists_its_verbs(string line)
    {
        var help = Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("  echo   Says what it was Words given.\n  start  Starts a program.\n", help);
        Assert.Contains("  test  echo\n", help);
    }

    [TestMethod]
    public void A_group_lists_its_verbs() => Assert.Contains("  echo  Says", Run("test"));

    [TestMethod]
    public void Every_verb_option_and_argument_of_the_product_is_explained()
    {
        var docs = new HelpTexts(HelpTexts.Embedded());
        foreach (var verb in ToolRun.Product)
        {
            Assert.AreNotEqual("", docs.GetSummary(verb.TaskType), verb.Paths[0]);
            Assert.IsNotNull(verb.Example, verb.Paths[0]);
            foreach (
                var property in verb.Options.Select(o => o.Property).Concat(verb.Arguments.Select(a => a.Property))
            )
            {
                Assert.EndsWith(
                    ".",
                    docs.GetSummary(property).Split(" [default: ")[0],
                    $"{verb.Paths[0]} {property.Name}"
                );
            }
        }
    }

    [TestMethod]
    public void The_version_is_the_packages() =>
        Assert.MatchesRegex(@"\Aimagetar version [0-9]+\.[0-9]+\.[0-9]+[-.\w]*\n\z", Run("--version"));

    private static string Run(params string[] arguments)
    {
        using var folder = new TestFolder();
        var run = ToolRun.Of(folder["store"], new ToolRun.Setting { Verbs = Fakes }, arguments);
        Assert.AreEqual("", run.Errors);
        Assert.AreEqual(0, run.ExitCode);
        return run.Out;
    }
}
