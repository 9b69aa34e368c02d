namespace ImageTarTasks.PackageTests;

[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    public void The_samples_build_do_nothing_the_second_time_and_clean_up()
    {
        using var folder = new ProjectFolder("samples");
        CopySamples(folder.Root);
        var pack = folder["PackFolder"];
        var export = folder["ExportArchive"];

        CollectionAssert.AreEqual(
            new[] { "ImportRootfs", "SaveImage" },
            ProjectFolder.OurTasks(folder.Build(pack)).ToArray()
        );
        CollectionAssert.AreEqual(
            new[] { "LoadImage", "ExportContainer" },
            ProjectFolder.OurTasks(folder.Build(export)).ToArray()
        );
        var archive = folder["PackFolder/bin/Debug/net10.0/packfolder.tar"];
        var rootfs = folder["ExportArchive/bin/Debug/net10.0/rootfs.tar"];
        var bytes = File.ReadAllBytes(archive);
        using (var tar = new System.Formats.Tar.TarReader(File.OpenRead(rootfs)))
        {
            var names = new List<string>();
            while (tar.GetNextEntry() is { } entry)
            {
                names.Add(entry.Name);
            }

            CollectionAssert.IsSubsetOf(
                new[] { "app/", "app/PackFolder.dll", "etc/motd", "srv/www/index.html" },
                names
            );
        }

        Assert.IsEmpty(ProjectFolder.OurTasks(folder.Build(pack)));
        Assert.IsEmpty(ProjectFolder.OurTasks(folder.Build(export)));

        File.AppendAllText(folder["PackFolder/rootfs/etc/motd"], "changed\n");
        CollectionAssert.AreEqual(
            new[] { "ImportRootfs", "SaveImage" },
            ProjectFolder.OurTasks(folder.Build(pack)).ToArray()
        );
        CollectionAssert.AreNotEqual(bytes, File.ReadAllBytes(archive));

        folder.Dotnet("clean", pack).Succeeded();
        folder.Dotnet("clean", export).Succeeded();
        Assert.IsFalse(File.Exists(archive));
        Assert.IsFalse(File.Exists(rootfs));
    }

    /// <summary>The samples as a user has them who copied the folder; only the package source differs.</summary>
    private static void CopySamples(string target)
    {
        var source = Path.Combine(Feed.Repository, "samples");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(source, file);
            if (name.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj") || name == "nuget.config")
            {
                continue;
            }

            var copy = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
